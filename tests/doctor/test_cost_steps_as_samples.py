"""steps-as-samples: fault with each kind of source, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "steps-as-samples"

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

GENERATOR = (
    DATA
    + """
def batches(size=16):
    while True:
        pick = rng.integers(0, len(X), size)
        yield X[pick], y[pick]
model = build()
model.fit(batches(), steps_per_epoch=STEPS, epochs=2)
"""
)


def test_a_generator(tmp_path: Path) -> None:
    diagnosis = run_doctor(GENERATOR.replace("STEPS", "len(X)"), tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "warning"
    assert finding.evidence["times the data"] == 16
    assert line_of(finding, tmp_path).startswith("model.fit(")
    mended = repaired(diagnosis, RULE)
    assert "steps_per_epoch=len(X) // 16" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_a_pipeline(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    program = DATA + (
        "import tensorflow as tf\ndata = tf.data.Dataset.from_tensor_slices((X, y)).batch(20).repeat()\n"
        "model = build()\nmodel.fit(data, steps_per_epoch=200, epochs=2)\n"
    )
    only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    silent(
        run_doctor(program.replace("steps_per_epoch=200", "steps_per_epoch=10"), tmp_path, select=(RULE,)),
        RULE,
    )


def test_arrays(tmp_path: Path) -> None:
    diagnosis = run_doctor(
        DATA + "model = build()\nmodel.fit(X, y, steps_per_epoch=len(X))\n", tmp_path, select=(RULE,)
    )
    only(diagnosis, RULE)
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize("steps", ["len(X) // 16", "2 * len(X) // 16", "500"])
def test_traps(steps: str, tmp_path: Path) -> None:
    silent(run_doctor(GENERATOR.replace("STEPS", steps), tmp_path, select=(RULE,)), RULE)
