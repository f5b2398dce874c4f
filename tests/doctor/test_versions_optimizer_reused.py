"""optimizer-reused: fault in three forms, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "optimizer-reused"

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

TWO = """
optimizer = Adam()
first = build(optimizer)
second = build(optimizer)
first.fit(X, y)
second.fit(X, y)
"""
LOOP = """
optimizer = Adam()
for turn in range(3):
    model = build(optimizer)
    model.fit(X, y)
"""
FREED = """
optimizer = Adam()
model = build(optimizer)
model.layers[0].trainable = False
model.compile(optimizer, "binary_crossentropy")
model.fit(X, y)
model.layers[0].trainable = True
model.compile(optimizer, "binary_crossentropy")  # again
model.fit(X, y)
"""


@pytest.mark.parametrize(
    ("program", "line"),
    [
        (TWO, "model.compile("),
        (LOOP, "model.compile("),
        (FREED, 'model.compile(optimizer, "binary_crossentropy")  # again'),
    ],
    ids=["two models", "loop", "freed"],
)
def test_names_the_compile(program: str, line: str, tmp_path: Path) -> None:
    finding = only(run_doctor(DATA + program, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith(line)


@pytest.mark.parametrize(
    "program",
    [
        TWO.replace("second = build(optimizer)", "second = build(Adam())"),
        TWO.replace("second.fit(X, y)", "second.evaluate(X, y)"),
        TWO.replace("optimizer = Adam()", 'optimizer = "adam"'),
        TWO.replace("first.fit(X, y)", "first.trainable = False\nfirst.fit(X, y)"),
        LOOP.replace("build(optimizer)", "build(Adam())"),
        "model = build(Adam())\nfor turn in range(3):\n    model.fit(X, y)\n",
        FREED.replace(
            'model.compile(optimizer, "binary_crossentropy")  # again', "model.compile(Adam(), 'mse')"
        ),
        "optimizer = Adam()\nmodel = build(optimizer)\nmodel.fit(X, y)\nmodel.compile(optimizer, 'mse')\nmodel.fit(X, y)\n",
    ],
    ids=[
        "mended",
        "only one trained",
        "by name",
        "frozen whole",
        "made in the loop",
        "one model",
        "new one",
        "same weights",
    ],
)
def test_mended_and_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(DATA + program, tmp_path, select=(RULE,)), RULE)
