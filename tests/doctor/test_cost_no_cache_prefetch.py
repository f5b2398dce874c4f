"""no-cache-prefetch: waste is named by its size, mended form, trap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "no-cache-prefetch"

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

SLOW = (
    DATA
    + """
import time
import tensorflow as tf

def read(index):
    def slowly(i):
        time.sleep(0.004)
        return X[i % 200]
    row = tf.numpy_function(slowly, [index], tf.float32)
    row.set_shape((8,))
    return row, index % 2

data = tf.data.Dataset.range(320).map(read).batch(16)
model = build()
model.fit(data, epochs=EPOCHS)
"""
)


@pytest.mark.parametrize(("epochs", "severity"), [("200", "warning"), ("4", "info")])
def test_names_the_pipeline(epochs: str, severity: str, tmp_path: Path) -> None:
    finding = only(run_doctor(SLOW.replace("EPOCHS", epochs), tmp_path, select=(RULE,)), RULE)
    assert finding.severity == severity
    assert line_of(finding, tmp_path).startswith("data =")


def test_mended(tmp_path: Path) -> None:
    mended = repaired(run_doctor(SLOW.replace("EPOCHS", "200"), tmp_path, select=(RULE,)), RULE)
    assert ".map(read, num_parallel_calls=tf.data.AUTOTUNE).batch(16).prefetch(tf.data.AUTOTUNE)" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_trap_arrays_in_memory(tmp_path: Path) -> None:
    program = DATA + (
        "import tensorflow as tf\ndata = tf.data.Dataset.from_tensor_slices((X, y)).shuffle(200).batch(16)\n"
        "model = build()\nmodel.fit(data, epochs=20)\n"
    )
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
