"""Programs in plain user style that the tests of the data rules start from."""

from __future__ import annotations

DATA = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
n = 400
centres = rng.normal(size=(2, 6)) * 2
y = rng.integers(0, 2, n)
X = (centres[y] + rng.normal(size=(n, 6))).astype("float32")
"""

SORTED = (
    DATA
    + """
order = np.argsort(y, kind="stable")
X, y = X[order], y[order]
"""
)

MODEL = """
model = keras.Sequential([
    keras.Input((6,)),
    layers.Dense(16, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
"""

RANDOM = """
import numpy as np
import keras
from keras import layers

X = np.random.random((300, 6))
y = np.random.randint(0, 2, size=(300, 1))
"""


def program(*parts: str) -> str:
    """The parts, one after another."""
    return "\n".join(parts)
