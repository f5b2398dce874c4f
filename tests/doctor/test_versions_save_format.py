"""save-format: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "save-format"

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


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ('model.save("my_model")', 'model.save("my_model.keras")'),
        ('model.save("my_model", save_format="tf")', 'model.save("my_model.keras")'),
        ('model.save_weights("w.h5")', 'model.save_weights("w.weights.h5")'),
        ('model.save_weights("w.weights.h5", save_format="h5")', 'model.save_weights("w.weights.h5")'),
        ('keras.models.save_model(model, "my_model")', 'keras.models.save_model(model, "my_model.keras")'),
    ],
)
def test_names_the_line_and_mends_it(line: str, right: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(START + line + "\n", tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == line
    mended = repaired(diagnosis, RULE)
    assert right in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)
    assert run_doctor(mended, tmp_path, through=True, select=(RULE,)).ending == "end"


def test_the_exception_is_known(tmp_path: Path) -> None:
    diagnosis = run_doctor(
        DATA + 'model = build()\nmodel.save("there")\nmodel.fit(X, y)\n', tmp_path, select=(RULE,)
    )
    assert diagnosis.ending == "error"
    assert [line_of(f, tmp_path) for f in diagnosis.of(RULE)] == ['model.save("there")']


@pytest.mark.parametrize(
    "line",
    [
        'model.save("m.keras")',
        'model.save("m.h5")',
        'model.save("m.h5", save_format="h5")',
        'model.save_weights("m.weights.h5")',
        'import sys\nmodel.save(sys.argv[0] + str(len(X)) if False else "a" + ".keras")',
        'np.save("predictions", X)',
    ],
)
def test_traps(line: str, tmp_path: Path) -> None:
    silent(run_doctor(START + line + "\n", tmp_path, select=(RULE,)), RULE)
