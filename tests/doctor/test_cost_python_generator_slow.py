"""python-generator-slow: waste is named by its size, mended form, trap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "python-generator-slow"

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

class Rows(keras.utils.PyDataset):
    def __len__(self):
        return 10

    def __getitem__(self, index):
        time.sleep(WAIT)
        return X[index * 20 : (index + 1) * 20], y[index * 20 : (index + 1) * 20]

rows = Rows(workers=WORKERS)
model = build()
model.fit(rows, epochs=200)
"""
)


def test_names_the_source(tmp_path: Path) -> None:
    program = SLOW.replace("WAIT", "0.05").replace("WORKERS", "1")
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path).startswith("rows =")


@pytest.mark.parametrize(("wait", "workers"), [("0.05", "4"), ("0", "1")], ids=["mended", "quick"])
def test_mended_and_trap(wait: str, workers: str, tmp_path: Path) -> None:
    program = SLOW.replace("WAIT", wait).replace("WORKERS", workers)
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)


def test_a_generator(tmp_path: Path) -> None:
    program = DATA + (
        "import time\ndef batches():\n    while True:\n        time.sleep(0.05)\n        yield X[:16], y[:16]\n"
        "model = build()\nmodel.fit(batches(), steps_per_epoch=50, epochs=100)\n"
    )
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert line_of(finding, tmp_path).startswith("model.fit(")
