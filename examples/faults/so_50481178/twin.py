# All four labels from the same generator: sigmoid units side by side.
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential

rng = np.random.RandomState(0)
X = rng.randn(1600, 12)
labels = (X[:, :4] + 0.5 * X[:, 4:8] > 0.3).astype("float32")


def batches(x, y, size=32):
    while True:
        rows = rng.randint(0, len(x), size)
        yield x[rows], y[rows]


model = Sequential()
model.add(Input((12,)))
model.add(Dense(32, activation="relu"))
model.add(Dense(4, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["binary_accuracy"])
model.fit(batches(X[:1300], labels[:1300]), steps_per_epoch=40, epochs=15, verbose=0)
score = model.evaluate(X[1300:], labels[1300:], verbose=0)[1]
print("accuracy", score)
