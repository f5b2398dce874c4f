"""checkpoint-suffix: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "checkpoint-suffix"

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
    ("made", "right"),
    [
        ('ModelCheckpoint("best.hdf5")', '"best.keras"'),
        ('ModelCheckpoint("weights.{epoch:02d}.ckpt")', '"weights.{epoch:02d}.keras"'),
        ('ModelCheckpoint("best.h5", save_weights_only=True)', '"best.weights.h5"'),
        ('ModelCheckpoint(filepath="best", save_best_only=True, monitor="loss")', '"best.keras"'),
    ],
)
def test_names_goes_on_and_mends(made: str, right: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(
        DATA + f"keep = {made}\nmodel = build()\nmodel.fit(X, y, callbacks=[keep])\n",
        tmp_path,
        select=(RULE,),
    )
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("keep =")
    mended = repaired(diagnosis, RULE)
    assert right in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_the_line_that_loads_it_goes_along(tmp_path: Path) -> None:
    program = DATA + (
        'path = "best.hdf5"\nkeep = ModelCheckpoint(path)\nmodel = build()\n'
        'model.fit(X, y, callbacks=[keep])\nmodel = load_model("best.hdf5")\n'
    )
    mended = repaired(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert 'path = "best.keras"' in mended
    assert 'load_model("best.keras")' in mended
    assert run_doctor(mended, tmp_path, through=True, select=(RULE,)).ending == "end"


def test_later_ones(tmp_path: Path) -> None:
    program = (
        DATA
        + "model = build()\nmodel.fit(X, y)\n"
        + ('keep = ModelCheckpoint("fine.hdf5")\nmodel.fit(X, y, callbacks=[keep])\n')
    )
    assert line_of(only(run_doctor(program, tmp_path, select=(RULE,)), RULE), tmp_path).startswith("keep =")


@pytest.mark.parametrize("path", ["a.keras", "a.h5"])
def test_traps(path: str, tmp_path: Path) -> None:
    program = DATA + f'model = build()\nmodel.fit(X, y, callbacks=[ModelCheckpoint("{path}")])\n'
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
