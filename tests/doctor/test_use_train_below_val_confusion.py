"""train-below-val-confusion: explained after the fit, silent without dropout."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "train-below-val-confusion"

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

CODE = """
keras.utils.set_random_seed(0)
model = Sequential([Input((8,)), Dense(64, activation="relu"), Dropout(0.8), Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer=Adam(0.01), metrics=["accuracy"])
model.fit(X, y, epochs=15, validation_data=(X, y), verbose=0)
"""


def test_explains(tmp_path: Path) -> None:
    finding = only(run_doctor(DATA + CODE, tmp_path, through=True, select=(RULE,)), RULE)
    assert finding.severity == "info"
    assert line_of(finding, tmp_path).startswith("model.fit(")


def test_silent_without_dropout_and_before_training(tmp_path: Path) -> None:
    plain = CODE.replace("Dropout(0.8), ", "")
    silent(run_doctor(DATA + plain, tmp_path, through=True, select=(RULE,)), RULE)
    silent(run_doctor(DATA + CODE, tmp_path, select=(RULE,)), RULE)
