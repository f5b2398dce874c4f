"""Programs for the rules on optimisation: one task with a real signal, many ways to train it wrongly."""

from __future__ import annotations

DATA = """
import numpy as np
import keras
from keras.models import Sequential
from keras.layers import Input, Dense, Dropout, Activation, BatchNormalization, LSTM, Conv2D, Flatten

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
X = rng.normal(size=(600, 12)).astype("float32")
y = (X[:, 0] * X[:, 1] + X[:, 2] > 0).astype("int32")
"""
"""Two classes that no straight line divides well."""

OUTPUT = 'Dense(1, activation="sigmoid")'
HIDDEN = ('Dense(64, activation="relu")', 'Dense(64, activation="relu")')


def classifier(
    *layers: str, optimizer: str = '"adam"', fit: str = "epochs=30", before: str = "", output: str = OUTPUT
) -> str:
    """A script in plain style: `layers` are the hidden ones, a line each."""
    lines = ["model = Sequential()", "model.add(Input((12,)))"]
    lines += [f"model.add({layer})" for layer in (*(layers or HIDDEN), output)]
    lines += [
        before,
        f'model.compile(optimizer={optimizer}, loss="binary_crossentropy", metrics=["accuracy"])',
        f"model.fit(X, y, {fit})",
    ]
    return DATA + "\n".join(lines) + "\n"
