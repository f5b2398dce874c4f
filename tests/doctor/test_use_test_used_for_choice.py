"""test-used-for-choice: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "test-used-for-choice"

DATA = """
import numpy as np
import keras
from keras import layers
from keras.models import Sequential, load_model
from keras.layers import Dense, Dropout, Input, Lambda
from keras.optimizers import SGD, Adam
from keras.callbacks import EarlyStopping, ModelCheckpoint

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 8)).astype("float32")
y = (X[:, 0] + X[:, 1] > 0).astype("int32")
X_test, y_test = X[:50], y[:50]


def build(optimizer="adam", metrics=("accuracy",)):
    model = Sequential([Input((8,)), Dense(16, activation="relu"), Dense(1, activation="sigmoid")])
    model.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=list(metrics))
    return model
"""

STOP = "callbacks=[EarlyStopping(patience=3, restore_best_weights=True)]"
FAULTY = (
    DATA
    + "model = build()\n"
    + f"model.fit(X, y, epochs=20, validation_data=(X_test, y_test), {STOP})\n"
    + "print(model.evaluate(X_test, y_test))\n"
)


def test_names_the_fit(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path).startswith("model.fit(")


@pytest.mark.parametrize(
    "program",
    [
        FAULTY.replace("validation_data=(X_test, y_test)", "validation_split=0.2"),
        FAULTY.replace(f", {STOP}", ""),
        FAULTY.replace("model.evaluate(X_test, y_test)", "model.predict(X_test)"),
        FAULTY.replace("EarlyStopping(patience=3, restore_best_weights=True)", 'ModelCheckpoint("a.keras")'),
    ],
    ids=["mended", "no choice", "no score", "no best"],
)
def test_mended_and_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)


def test_trap_a_validation_set_by_name(tmp_path: Path) -> None:
    program = FAULTY.replace("X_test", "x_val").replace("y_test", "y_val")
    assert all(
        finding.severity == "info" for finding in run_doctor(program, tmp_path, select=(RULE,)).of(RULE)
    )
