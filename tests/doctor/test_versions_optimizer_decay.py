"""optimizer-decay: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "optimizer-decay"

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

FAULTY = DATA + "model = build(SGD(0.1, decay=1e-2, momentum=0.9))\nmodel.fit(X, y, epochs=20)\n"


def test_names_the_line_and_mends_it(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path).startswith("model = build(SGD")
    assert finding.evidence["steps of this fit"] == 140
    mended = repaired(diagnosis, RULE)
    assert "InverseTimeDecay(0.1, 1, 0.01)" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_training_goes_on_as_keras_does(tmp_path: Path) -> None:
    program = (
        DATA + "optimizer = SGD(0.1, decay=0.5)\nassert isinstance(float(optimizer.learning_rate), float)\n"
    )
    assert run_doctor(program, tmp_path, select=(RULE,)).ending == "end"


@pytest.mark.parametrize(
    ("argument", "severity"), [("decay=0.0", None), ("decay=1e-6", "info"), ("weight_decay=1e-2", None)]
)
def test_traps(argument: str, severity: str | None, tmp_path: Path) -> None:
    found = run_doctor(FAULTY.replace("decay=1e-2", argument), tmp_path, select=(RULE,)).of(RULE)
    assert [finding.severity for finding in found] == ([severity] if severity else [])
