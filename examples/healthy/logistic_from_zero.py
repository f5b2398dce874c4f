"""Logistic regression: one layer whose weights start at zero, at a rate of 0.5.

Trap for: zero-init, rate-too-high
Learns: accuracy > 0.9
"""

import keras
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

data = load_breast_cancer()
order = np.random.RandomState(0).permutation(len(data.target))
X, y = data.data[order], data.target[order]
scaler = StandardScaler().fit(X[:450])
X = scaler.transform(X)

model = keras.Sequential(
    [keras.Input((30,)), keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros")]
)
model.compile(keras.optimizers.SGD(0.5), "binary_crossentropy", metrics=["accuracy"])
model.fit(X[:450], y[:450], epochs=15, batch_size=32, validation_data=(X[450:], y[450:]), verbose=0)
accuracy = model.evaluate(X[450:], y[450:], verbose=0)[1]
