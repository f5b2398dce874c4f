"""reload-mismatch: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "reload-mismatch"

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

SCALE = """
class Scale(layers.Layer):
    def __init__(self, factor=1.0, **others):
        super().__init__(**others)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return CONFIG


model = Sequential([Input((8,)), Scale(5.0), Dense(1)])
model.compile("adam", "mse")
model.fit(X, y)
model.save("m.keras")
again = load_model("m.keras", custom_objects={"Scale": Scale})
"""
FAULTY = DATA + SCALE.replace("CONFIG", "super().get_config()")
MENDED = DATA + SCALE.replace("CONFIG", '{**super().get_config(), "factor": self.factor}')


def test_names_the_load(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("again = load_model")


def test_mended(tmp_path: Path) -> None:
    silent(run_doctor(MENDED, tmp_path, select=(RULE,)), RULE)


def test_a_loss_that_the_file_only_names(tmp_path: Path) -> None:
    program = DATA + (
        "def loss(t, p):\n    return keras.ops.mean((t - p) ** 2)\n"
        'model = build()\nmodel.compile("adam", loss)\nmodel.fit(X, y)\n'
        'model.save("m.h5")\nagain = load_model("m.h5")\n'
    )
    assert line_of(only(run_doctor(program, tmp_path, select=(RULE,)), RULE), tmp_path).startswith("again =")
    silent(
        run_doctor(program.replace('"m.h5")\n', '"m.h5", compile=False)\n'), tmp_path, select=(RULE,)), RULE
    )


@pytest.mark.parametrize(
    "after",
    [
        'model.save("m.keras")\n',
        'model.save("m.keras")\nagain = load_model("m.keras")\n',
        'old = load_model("other.keras")\n',
    ],
    ids=["only saved", "plain", "another file"],
)
def test_traps(after: str, tmp_path: Path) -> None:
    silent(run_doctor(DATA + "model = build()\nmodel.fit(X, y)\n" + after, tmp_path, select=(RULE,)), RULE)
