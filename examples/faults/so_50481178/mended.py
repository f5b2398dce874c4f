# One of several labels, drawn from a generator: does the row carry the first label?
import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from keras.utils import to_categorical

rng = np.random.RandomState(0)
X = rng.randn(1600, 12)
labels = (X[:, :4] + 0.5 * X[:, 4:8] > 0.3).astype("float32")


def batches(x, y, size=32):
    while True:
        rows = rng.randint(0, len(x), size)
        yield x[rows], y[rows, :1]


model = Sequential()
model.add(Input((12,)))
model.add(Dense(32, activation="relu"))
model.add(Dense(2, activation="softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
two = ((x, to_categorical(y[:, 0], 2)) for x, y in batches(X[:1300], labels[:1300]))
model.fit(two, steps_per_epoch=40, epochs=15, verbose=0)
score = model.evaluate(X[1300:], to_categorical(labels[1300:, 0], 2), verbose=0)[1]
print("accuracy", score)
