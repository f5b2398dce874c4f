"""Binary cross-entropy on shares: 0.34 of the fifty who saw it clicked.

Trap for: crossentropy-for-regression, labels-rescaled, accuracy-on-regression
Learns: error < 0.08
"""

import keras
import numpy as np
from keras import layers

rng = np.random.RandomState(0)
X = rng.randn(1500, 6).astype("float32")
chance = 1 / (1 + np.exp(-(2 * X[:, 0] - X[:, 1] * X[:, 2])))
share = (rng.binomial(50, chance) / 50).astype("float32")

model = keras.Sequential(
    [
        layers.Dense(32, activation="relu"),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile("adam", "binary_crossentropy", metrics=["mae"])
model.fit(X[:1200], share[:1200], epochs=20, batch_size=32, validation_split=0.1, verbose=0)
error = model.evaluate(X[1200:], share[1200:], verbose=0)[1]
