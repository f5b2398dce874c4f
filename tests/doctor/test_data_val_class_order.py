"""val-class-order on arrays: fault, mended form, traps. Folders are in test_data_folders.py."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, RANDOM, SORTED, program
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "val-class-order"
THREE = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
names = np.array(["cat", "dog", "owl"])
kind = rng.integers(0, 3, 450)
X = (rng.normal(size=(3, 6))[kind] * 3 + rng.normal(size=(450, 6))).astype("float32")
X_train, X_val = X[:300], X[300:]
y_train = np.array([{"cat": 0, "dog": 1, "owl": 2}[k] for k in names[kind[:300]]])
y_val = np.array([{"cat": 1, "owl": 0, "dog": 2}[k] for k in names[kind[300:]]])
model = keras.Sequential([layers.Dense(16, "relu"), layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(X_train, y_train, validation_data=(X_val, y_val))
"""


def test_another_numbering(tmp_path: Path) -> None:
    finding = only(run_doctor(THREE, tmp_path), RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("y_val = np.array")
    silent(
        run_doctor(
            THREE.replace('{"cat": 1, "owl": 0, "dog": 2}', '{"cat": 0, "dog": 1, "owl": 2}'), tmp_path
        ),
        RULE,
    )


def test_two_classes_exchanged(tmp_path: Path) -> None:
    fit = "model.fit(X[:300], y[:300], validation_data=(X[300:], 1 - y[300:]))"
    only(run_doctor(program(DATA, MODEL, fit), tmp_path), RULE)


TRAPS = {
    "as-it-should-be": program(
        DATA, MODEL, "model.fit(X[:300], y[:300], validation_data=(X[300:], y[300:]))"
    ),
    "no-signal": program(RANDOM, MODEL, "model.fit(X[:200], y[:200], validation_data=(X[200:], y[200:]))"),
    "hard": program(
        DATA,
        "X = rng.normal(size=(n, 6)) + 0.1 * y[:, None]",
        MODEL,
        "model.fit(X[:300], y[:300], validation_data=(X[300:], y[300:]))",
    ),
    "sorted-halves": program(
        SORTED, MODEL, "model.fit(X[:300], y[:300], validation_data=(X[300:], y[300:]))"
    ),
    "few": program(DATA, MODEL, "model.fit(X[:300], y[:300], validation_data=(X[300:320], 1 - y[300:320]))"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str, tmp_path: Path) -> None:
    silent(run_doctor(TRAPS[name], tmp_path), RULE)
