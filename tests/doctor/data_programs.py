"""Programs in plain user style that the tests of the data rules start from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

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


def pictures(folder: Path, classes: dict[str, int], size: int = 16, seed: int = 0) -> None:
    """Writes small PNG pictures, a folder a class; classes differ in brightness."""
    from PIL import Image

    rng = np.random.default_rng(seed)
    for number, (name, count) in enumerate(classes.items()):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            pixels = np.clip(rng.normal(60 + 60 * number, 25, (size, size, 3)), 0, 255).astype("uint8")
            Image.fromarray(pixels).save(folder / name / f"{name}_{i:03}.png")
