# Signal or background: missing readings are told by columns of their own, everything is scaled.
import numpy as np
from keras.layers import Dense, Dropout, Input
from keras.models import Sequential

rng = np.random.RandomState(4)
n = 2000
values = rng.randn(n, 30)
signal = (values[:, 0] + values[:, 3] * values[:, 5] + 0.5 * values[:, 8] > 0.2).astype(int)
missing = rng.rand(n, 30) < np.where(np.arange(30) % 4 == 1, 0.3, 0.0)
values[missing] = 0.0
X = np.concatenate([values, missing[:, 1::4].astype(float)], axis=1)

model = Sequential()
model.add(Input((X.shape[1],)))
model.add(Dense(64, activation="relu"))
model.add(Dropout(0.2))
model.add(Dense(32, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X[:1500], signal[:1500], epochs=25, batch_size=32, verbose=0)
score = model.evaluate(X[1500:], signal[1500:], verbose=0)[1]
print("accuracy", score)
