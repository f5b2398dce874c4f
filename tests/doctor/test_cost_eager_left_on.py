"""eager-left-on: fault by its size, mended form, trap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "eager-left-on"

pytest.importorskip("tensorflow")

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

CODE = (
    DATA
    + 'model = build()\nmodel.compile("adam", "binary_crossentropy", run_eagerly=True)\nmodel.fit(X, y, epochs=EPOCHS)\n'
)


@pytest.mark.parametrize(("epochs", "severity"), [("20000", "warning"), ("2", "info")])
def test_names_the_compile(epochs: str, severity: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(CODE.replace("EPOCHS", epochs), tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == severity
    assert line_of(finding, tmp_path).startswith("model.compile(")
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path, select=(RULE,)), RULE)


def test_the_switch_of_tensorflow(tmp_path: Path) -> None:
    import tensorflow as tf

    program = DATA + (
        "import tensorflow as tf\ntf.config.run_functions_eagerly(True)\nmodel = build()\nmodel.fit(X, y, epochs=2)\n"
    )
    try:
        finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    finally:
        tf.config.run_functions_eagerly(False)
    assert line_of(finding, tmp_path).startswith("tf.config.run_functions_eagerly")


def test_trap_not_set(tmp_path: Path) -> None:
    silent(
        run_doctor(
            CODE.replace(", run_eagerly=True", "").replace("EPOCHS", "20000"), tmp_path, select=(RULE,)
        ),
        RULE,
    )
