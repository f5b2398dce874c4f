"""predict-in-loop: a remark, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "predict-in-loop"

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

START = DATA + "model = build()\nmodel.fit(X, y)\n"


def test_remarks(tmp_path: Path) -> None:
    program = START + "for row in X_test:\n    answer = model.predict(row[None], verbose=0)\n"
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "info"
    assert line_of(finding, tmp_path).startswith("answer =")


@pytest.mark.parametrize(
    "after",
    ["answers = model.predict(X_test)\n", "for part in (X, X_test):\n    print(model.predict(part))\n"],
    ids=["mended", "whole sets"],
)
def test_traps(after: str, tmp_path: Path) -> None:
    silent(run_doctor(START + after, tmp_path, select=(RULE,)), RULE)
