"""lambda-load: fault, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "lambda-load"
SELECT = (RULE, "reload-mismatch")

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

FAULTY = (
    DATA
    + "model = Sequential([Input((8,)), Lambda(lambda x: x * 2.0), Dense(1)])\n"
    + 'model.compile("adam", "mse")\nmodel.fit(X, y)\n'
    + 'model.save("m.keras")\nagain = load_model("m.keras")\n'
)


def test_names_the_load_and_mends_it(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=SELECT)
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("again =")
    mended = repaired(diagnosis, RULE)
    assert "safe_mode=False" in mended
    silent(run_doctor(mended, tmp_path, select=SELECT), RULE, "reload-mismatch")


@pytest.mark.parametrize(
    "program",
    [
        FAULTY.replace("Lambda(lambda x: x * 2.0)", "layers.Rescaling(2.0)"),
        FAULTY.replace('again = load_model("m.keras")', ""),
        FAULTY.replace("again =", "keras.config.enable_unsafe_deserialization()\nagain ="),
    ],
    ids=["a layer", "never loaded", "allowed later"],
)
def test_mended_and_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=SELECT), RULE)
