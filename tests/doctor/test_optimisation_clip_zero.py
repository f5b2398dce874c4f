"""clip-zero: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "clip-zero"

FAULTY = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
X = rng.normal(size=(400, 6)).astype("float32")
y = (X[:, 0] + X[:, 1] > 0).astype("float32")
model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")])
optimizer = keras.optimizers.SGD(learning_rate=0.1, clipnorm=1e-8)
model.compile(optimizer, "binary_crossentropy")
model.fit(X, y, epochs=20)
"""


def test_names_the_optimizer_and_is_mended(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("optimizer = ")
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path, select=(RULE,)), RULE)


def test_zero_is_a_remark(tmp_path: Path) -> None:
    program = FAULTY.replace("clipnorm=1e-8", "clipvalue=0.0")
    assert only(run_doctor(program, tmp_path, select=(RULE,)), RULE).severity == "info"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("clipnorm=1e-8", "clipnorm=1.0"),
        ("clipnorm=1e-8", "clipvalue=0.01"),
        ("SGD(learning_rate=0.1, clipnorm=1e-8)", "Adam(learning_rate=0.01, global_clipnorm=1e-4)"),
    ],
    ids=["usual", "small", "with-adam"],
)
def test_traps(old: str, new: str, tmp_path: Path) -> None:
    silent(run_doctor(FAULTY.replace(old, new), tmp_path, select=(RULE,)), RULE)
