"""tf-op-on-keras-tensor: fault, mended form, trap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "tf-op-on-keras-tensor"

pytest.importorskip("tensorflow")

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

FAULTY = (
    DATA
    + """
import tensorflow as tf
inputs = Input((8, 1))
hidden = tf.reduce_mean(inputs, axis=1)
model = keras.Model(inputs, Dense(1)(hidden))
model.compile("adam", "mse")
model.fit(X[..., None], y)
"""
)


def test_names_the_line_and_mends_it(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=(RULE,))
    found = diagnosis.of(RULE)
    assert len(found) == 1
    assert line_of(found[0], tmp_path).startswith("hidden =")
    assert diagnosis.exit_code == 1
    mended = repaired(diagnosis, RULE)
    assert "keras.ops.mean(inputs, axis=1)" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_trap_inside_a_layer(tmp_path: Path) -> None:
    program = FAULTY.replace(
        "tf.reduce_mean(inputs, axis=1)", "Lambda(lambda x: tf.reduce_mean(x, axis=1))(inputs)"
    )
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
