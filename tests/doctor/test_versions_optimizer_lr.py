"""optimizer-lr: fault before and after the fit, mended form, trap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "optimizer-lr"

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
    ("code", "line"),
    [
        ("model = build(Adam(lr=0.01))\nmodel.fit(X, y)\n", "model = build(Adam(lr"),
        (
            'model = build()\nmodel.fit(X, y)\nmodel.compile(optimizer=SGD(lr=1e-3), loss="mse")\nmodel.fit(X, y)\n',
            "model.compile(optimizer=SGD(lr",
        ),
        ("model = build()\nmodel.fit(X, y)\nprint(model.optimizer.lr)\n", "print(model.optimizer.lr"),
        (
            "class Show(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n"
            "        print(self.model.optimizer.lr)\n"
            "model = build()\nmodel.fit(X, y, callbacks=[Show()])\n",
            "print(self.model.optimizer.lr",
        ),
        ("model = build()\nprint(model.optimizer.lr)\n", "print(model.optimizer.lr"),
    ],
    ids=["argument", "later", "attribute later", "in a callback", "ends the script"],
)
def test_names_and_mends(code: str, line: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(DATA + code, tmp_path, select=(RULE,))
    found = diagnosis.of(RULE)
    assert len(found) == 1
    assert found[0].severity == "error"
    assert line_of(found[0], tmp_path).startswith(line)
    mended = repaired(diagnosis, RULE)
    assert "learning_rate" in mended
    assert not run_doctor(mended, tmp_path, select=(RULE,)).of(RULE)
    assert run_doctor(mended, tmp_path, through=True, select=(RULE,)).ending == "end"


def test_the_rate_is_read_as_it_was_meant(tmp_path: Path) -> None:
    program = DATA + "optimizer = Adam(lr=0.25)\nassert abs(float(optimizer.learning_rate) - 0.25) < 1e-6\n"
    assert run_doctor(program, tmp_path, select=(RULE,)).ending == "end"


def test_trap_an_optimizer_that_takes_it(tmp_path: Path) -> None:
    own = (
        "class Mine(SGD):\n    def __init__(self, lr=0.1, **others):\n"
        "        super().__init__(learning_rate=lr, **others)\n"
        "model = build(Mine(lr=0.2))\nmodel.fit(X, y)\n"
    )
    silent(run_doctor(DATA + own, tmp_path, select=(RULE,)), RULE)
