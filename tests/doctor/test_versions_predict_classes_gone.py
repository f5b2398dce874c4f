"""predict-classes-gone: fault, mended form, trap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "predict-classes-gone"

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

FAULTY = DATA + "model = build()\nmodel.fit(X, y)\nclasses = model.predict_classes(X_test)\n"


def test_names_the_line_and_mends_it(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("classes = model.predict_classes")
    mended = repaired(diagnosis, RULE)
    assert '(model.predict(X_test) > 0.5).astype("int32")' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_several_columns_and_probabilities(tmp_path: Path) -> None:
    program = (
        DATA
        + 'model = Sequential([Dense(2, activation="softmax")])\n'
        + 'model.compile("adam", "sparse_categorical_crossentropy")\nmodel.fit(X, y)\n'
        + "print(model.predict_classes(X_test), model.predict_proba(X_test))\n"
    )
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    assert len(diagnosis.of(RULE)) == 2
    assert "print(model.predict(X_test).argmax(axis=-1), model.predict(X_test))" in repaired(diagnosis, RULE)


def test_through_to_the_end(tmp_path: Path) -> None:
    diagnosis = run_doctor(
        FAULTY + "assert classes.shape == (50, 1)\n", tmp_path, through=True, select=(RULE,)
    )
    assert diagnosis.ending == "end"
    assert len(diagnosis.of(RULE)) == 1


def test_trap_scikit_learn(tmp_path: Path) -> None:
    program = DATA + (
        "from sklearn.linear_model import LogisticRegression\nmodel = build()\nmodel.fit(X, y)\n"
        "model = LogisticRegression().fit(X, y)\nprint(model.predict_proba(X_test))\n"
    )
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
