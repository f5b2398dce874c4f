"""Codes by a triplet loss: the labels given to fit are dummies and never used.

Trap for: one-class-only, crossentropy-for-regression, hidden-activation-missing
Learns: score > 0.9
"""

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

X, y = load_digits(return_X_y=True)
X = (X / 16.0).astype("float32")
rng = np.random.default_rng(3)
order = rng.permutation(len(X))
X, y = X[order], y[order]
known, rest = slice(0, 1200), slice(1200, None)

anchors = rng.integers(0, 1200, 3000)
positive = np.array([rng.choice(np.flatnonzero(y[known] == y[i])) for i in anchors])
negative = np.array([rng.choice(np.flatnonzero(y[known] != y[i])) for i in anchors])
triplets = np.stack([X[anchors], X[positive], X[negative]], axis=1)

encoder = keras.Sequential(
    [
        keras.Input((64,)),
        layers.Dense(64, activation="relu"),
        layers.Dense(16),
        layers.UnitNormalization(axis=-1),
    ]
)
inputs = keras.Input((3, 64))
model = keras.Model(inputs, layers.TimeDistributed(encoder)(inputs))


def triplet_loss(_, codes):
    near = ops.sum(ops.square(codes[:, 0] - codes[:, 1]), axis=-1)
    far = ops.sum(ops.square(codes[:, 0] - codes[:, 2]), axis=-1)
    return ops.maximum(near - far + 0.4, 0.0)


model.compile(optimizer="adam", loss=triplet_loss)
model.fit(triplets, np.zeros(len(triplets)), batch_size=64, epochs=10, verbose=0)

neighbours = KNeighborsClassifier(5).fit(encoder.predict(X[known], verbose=0), y[known])
score = neighbours.score(encoder.predict(X[rest], verbose=0), y[rest])
print("nearest neighbours in the codes", score)
