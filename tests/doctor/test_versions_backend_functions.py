"""backend-functions: fault in a loss and outside, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "backend-functions"

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

LOSS = """
from keras import backend as K
def loss(t, p):
    t = keras.ops.cast(t, p.dtype)
    return K.mean(K.square(t - p), axis=-1)
model = build()
model.compile("adam", loss)
model.fit(X, y)
"""


def test_names_them_in_a_loss_and_mends(tmp_path: Path) -> None:
    diagnosis = run_doctor(DATA + LOSS, tmp_path, select=(RULE,))
    found = diagnosis.of(RULE)
    assert len(found) == 2
    assert {line_of(finding, tmp_path) for finding in found} == {"return K.mean(K.square(t - p), axis=-1)"}
    mended = repaired(diagnosis, RULE)
    assert "keras.ops.mean(keras.ops.square(t - p), axis=-1)" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_sessions_end_the_script(tmp_path: Path) -> None:
    diagnosis = run_doctor(
        DATA + "from keras import backend as K\nK.get_session()\n", tmp_path, select=(RULE,)
    )
    assert [line_of(f, tmp_path) for f in diagnosis.of(RULE)] == ["K.get_session()"]
    assert diagnosis.exit_code == 1


def test_symbolic_tensors_through_the_old_functions(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    program = DATA + "import tensorflow as tf\nx = Input((8,))\nz = tf.keras.backend.mean(x, axis=1)\n"
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    assert [line_of(f, tmp_path)[:3] for f in diagnosis.of(RULE)] == ["z ="]


def test_trap_what_is_still_there(tmp_path: Path) -> None:
    program = DATA + (
        "from keras import backend as K\nK.clear_session()\nprint(K.epsilon(), K.image_data_format())\n"
        "model = build()\nmodel.fit(X, y)\n"
    )
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
