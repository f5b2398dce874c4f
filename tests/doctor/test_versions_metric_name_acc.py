"""metric-name-acc: fault in callbacks and in the history, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "metric-name-acc"

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
    ("metric", "callback", "right"),
    [
        ("accuracy", 'EarlyStopping(monitor="val_acc", patience=3)', 'monitor="val_accuracy"'),
        ("accuracy", 'ModelCheckpoint("a.keras", "val_acc", save_best_only=True)', '"val_accuracy"'),
        ("acc", 'EarlyStopping(monitor="val_accuracy", patience=3)', 'monitor="val_acc"'),
    ],
)
def test_callbacks(metric: str, callback: str, right: str, tmp_path: Path) -> None:
    program = (
        DATA
        + f'stop = {callback}\nmodel = build(metrics=["{metric}"])\n'
        + ("model.fit(X, y, validation_split=0.2, callbacks=[stop])\n")
    )
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path).startswith("stop =")
    mended = repaired(diagnosis, RULE)
    assert right in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_history(tmp_path: Path) -> None:
    program = DATA + 'model = build()\nhistory = model.fit(X, y)\ncurve = history.history["acc"]\n'
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("curve =")
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "code",
    [
        'model = build(metrics=["acc"])\nh = model.fit(X, y, callbacks=[EarlyStopping("acc")])\nprint(h.history["acc"])\n',
        'model = build()\nh = model.fit(X, y)\nkey = "acc" if "acc" in h.history else "accuracy"\nprint(h.history[key])\n',
        'model = build()\nh = model.fit(X, y)\ntry:\n    print(h.history["acc"])\nexcept KeyError:\n    pass\n',
        'model = build()\nmodel.fit(X, y)\nmodel.compile("adam", "mse", metrics=["acc"])\n'
        'h = model.fit(X, y)\nprint(h.history["acc"])\n',
        'model = build()\nmodel.fit(X, y, callbacks=[EarlyStopping("loss")])\nother = {"acc": 1}\nprint(other["acc"])\n',
    ],
    ids=["short name", "asks", "caught", "compiled anew", "another dict"],
)
def test_traps(code: str, tmp_path: Path) -> None:
    silent(run_doctor(DATA + code, tmp_path, select=(RULE,)), RULE)
