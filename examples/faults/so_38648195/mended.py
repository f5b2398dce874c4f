# Three labels, any of which may be true, from twenty features.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential

rng = np.random.RandomState(1)
X = rng.randn(1500, 20)
W = rng.randn(20, 3)
Y = (X @ W + rng.randn(1500, 3) > 0).astype(int)

model = Sequential()
model.add(Input(shape=(20,)))
model.add(Dense(64, activation="relu"))
model.add(Dense(3, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["binary_accuracy"])
model.fit(X[:1200], Y[:1200], epochs=20, batch_size=32, verbose=0)
score = ((model.predict(X[1200:], verbose=0) > 0.5) == Y[1200:]).mean()
print("right labels", score)
