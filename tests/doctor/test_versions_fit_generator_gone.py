"""fit-generator-gone: fault, mended form, trap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "fit-generator-gone"
SELECT = (RULE, "fit-removed-arguments")

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

START = (
    DATA
    + """
def batches():
    while True:
        pick = rng.integers(0, len(X), 32)
        yield X[pick], y[pick]
model = build()
"""
)
FAULTY = START + "model.fit_generator(generator=batches(), steps_per_epoch=6, epochs=2, max_queue_size=4)\n"


def test_names_the_line_and_mends_it(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=SELECT)
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("model.fit_generator(")
    mended = repaired(diagnosis, RULE)
    assert "model.fit(x=batches(), steps_per_epoch=6, epochs=2)" in mended
    silent(run_doctor(mended, tmp_path, select=SELECT), RULE, "fit-removed-arguments")


def test_later_calls(tmp_path: Path) -> None:
    after = "model.fit(batches(), steps_per_epoch=6)\nprint(model.evaluate_generator(batches(), steps=2))\n"
    diagnosis = run_doctor(START + after, tmp_path, select=SELECT)
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("print(model.evaluate_generator")
    assert "model.evaluate(batches(), steps=2)" in repaired(diagnosis, RULE)


def test_trap_a_method_of_ones_own(tmp_path: Path) -> None:
    own = """
class Mine(keras.Sequential):
    def fit_generator(self, source):
        return self.fit(source, steps_per_epoch=3)
model = Mine([Input((8,)), Dense(1)])
model.compile("adam", "mse")
model.fit_generator(batches())
"""
    silent(run_doctor(START + own, tmp_path, select=SELECT), RULE)
