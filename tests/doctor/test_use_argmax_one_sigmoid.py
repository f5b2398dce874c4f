"""argmax-one-sigmoid: fault in several forms, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "argmax-one-sigmoid"

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

FAULTS = {
    "function": (
        "model.fit(X, y)\npred = model.predict(X_test)\nclasses = np.argmax(pred, axis=1)",
        "classes = np.argmax",
    ),
    "method": ("model.fit(X, y)\nclasses = model.predict(X_test).argmax(axis=-1)", "classes = model"),
    "row by row": (
        "model.fit(X, y)\nfor p in model.predict(X_test):\n    print(np.argmax(p))",
        "print(np.argmax",
    ),
    "one row": ("model.fit(X, y)\nprint(np.argmax(model.predict(X_test[:1])))", "print(np.argmax"),
    "in a function": (
        "def score(net, data):\n    return net.predict(data).argmax(axis=1)\n\n"
        "def main():\n    model.fit(X, y)\n    return score(model, X_test)\n\nmain()",
        "return net.predict",
    ),
}


@pytest.mark.parametrize("form", FAULTS)
def test_names_the_line_and_mends_it(form: str, tmp_path: Path) -> None:
    code, line = FAULTS[form]
    diagnosis = run_doctor(DATA + "model = build()\n" + code, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith(line)
    mended = repaired(diagnosis, RULE)
    assert "> 0.5" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_the_mended_line_gives_the_classes(tmp_path: Path) -> None:
    diagnosis = run_doctor(DATA + "model = build()\n" + FAULTS["function"][0], tmp_path, select=(RULE,))
    mended = repaired(diagnosis, RULE) + "\nassert classes.shape == (50,) and classes.max() == 1\n"
    assert run_doctor(mended, tmp_path, through=True, select=(RULE,)).ending == "end"


@pytest.mark.parametrize(
    "code",
    [
        "best = model.predict(X_test).argmax(axis=0)",
        "best = np.argmax(model.predict(X_test))",
        "p = model.predict(X_test)\nboth = np.hstack([1 - p, p])\nclasses = np.argmax(both, axis=1)",
        "classes = np.argmax(keras.utils.to_categorical(y_test), axis=1)",
        "pred = model.predict(X_test)\npred = rng.normal(size=(50, 3))\nclasses = np.argmax(pred, axis=1)",
    ],
    ids=["best row", "best row, flat", "two columns made", "labels", "another array"],
)
def test_traps(code: str, tmp_path: Path) -> None:
    silent(run_doctor(DATA + "model = build()\nmodel.fit(X, y)\n" + code, tmp_path, select=(RULE,)), RULE)


def test_trap_two_columns(tmp_path: Path) -> None:
    code = (
        'model = Sequential([Dense(2, activation="softmax")])\n'
        'model.compile("adam", "sparse_categorical_crossentropy")\n' + FAULTS["function"][0]
    )
    silent(run_doctor(DATA + code, tmp_path, select=(RULE,)), RULE)
