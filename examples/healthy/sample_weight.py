"""Doubtful rows count less: a weight for each row.

Trap for: noisy-labels, nan-in-data, class-weight-misused
Learns: accuracy > 0.9
"""

import numpy as np
from keras.layers import Dense, Input
from keras.models import Sequential
from sklearn.datasets import load_digits

rng = np.random.default_rng(0)
X, y = load_digits(return_X_y=True)
order = rng.permutation(len(X))
X, y = X[order] / 16.0, y[order]
X_train, y_train, X_test, y_test = X[:1400], y[:1400].copy(), X[1400:], y[1400:]
doubtful = rng.random(1400) < 0.2
y_train[doubtful] = np.where(
    rng.random(doubtful.sum()) < 0.5, (y_train[doubtful] + 1) % 10, y_train[doubtful]
)
weight = np.where(doubtful, 0.2, 1.0)

model = Sequential([Input((64,)), Dense(64, activation="relu"), Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, sample_weight=weight, epochs=25, batch_size=32, verbose=0)
accuracy = model.evaluate(X_test, y_test, verbose=0)[1]
print("accuracy", accuracy)
