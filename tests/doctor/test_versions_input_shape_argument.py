"""input-shape-argument: a remark, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "input-shape-argument"

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


@pytest.mark.parametrize(
    ("first", "right"),
    [
        ("Dense(16, input_shape=(8,))", "Input(shape=(8,)), Dense(16)"),
        ("Dense(16, input_dim=8)", "Input(shape=(8,)), Dense(16)"),
    ],
)
def test_remarks_and_mends(first: str, right: str, tmp_path: Path) -> None:
    program = (
        DATA + f'model = Sequential([{first}, Dense(1)])\nmodel.compile("adam", "mse")\nmodel.fit(X, y)\n'
    )
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "info"
    assert line_of(finding, tmp_path).startswith("model = Sequential")
    mended = repaired(diagnosis, RULE)
    assert right in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_trap_the_vocabulary_of_an_embedding(tmp_path: Path) -> None:
    program = DATA + (
        "model = Sequential([layers.Embedding(input_dim=10, output_dim=2), layers.Flatten(), Dense(1)])\n"
        'model.compile("adam", "mse")\nmodel.fit(rng.integers(0, 10, (50, 4)), y[:50])\n'
    )
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
