# One unit, yes or no.
import numpy as np
from keras.layers import Dense, Dropout, Input
from keras.models import Sequential

rng = np.random.default_rng(3)
X = rng.normal(size=(900, 10))
y = (X[:, :3].sum(axis=1) > 0).astype(int)

model = Sequential()
model.add(Input(shape=(10,)))
model.add(Dense(24, activation="relu"))
model.add(Dropout(0.1))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X[:700], y[:700], epochs=20, batch_size=32, verbose=0)
score = model.evaluate(X[700:], y[700:], verbose=0)[1]
print("accuracy", score)
