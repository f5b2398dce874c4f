"""rate-too-high: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "rate-too-high"

FAULTY = classifier(optimizer="keras.optimizers.Adam(learning_rate=1.0)")
QUADRATIC = """
import numpy as np, keras
from keras.models import Sequential
from keras.layers import Dense, Input
rng = np.random.default_rng(0)
x = np.linspace(-10, 10, 1000)
y = x**2 + rng.normal(0, 5, 1000)
model = Sequential()
model.add(Input((1,)))
model.add(Dense(50, activation="relu"))
model.add(Dense(50, activation="relu"))
model.add(Dense(1))
sgd = keras.optimizers.SGD(0.1)
model.compile(loss="mse", optimizer=sgd)
model.fit(x, y, epochs=100, batch_size=32)
"""


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "error"
    assert "learning_rate=1.0" in line_of(finding, tmp_path)
    assert finding.evidence["learning rate"] == 1.0


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert "learning_rate=1.0" not in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_a_regression_that_leaps(tmp_path: Path) -> None:
    finding = only(run_doctor(QUADRATIC, tmp_path, select=(RULE,)), RULE)
    assert line_of(finding, tmp_path) == "sgd = keras.optimizers.SGD(0.1)"


@pytest.mark.parametrize(
    "program",
    [
        classifier(optimizer="keras.optimizers.SGD(0.5)"),
        classifier(optimizer="keras.optimizers.SGD(0.1, momentum=0.9)"),
        classifier(optimizer="keras.optimizers.Adam(0.01)", fit="epochs=5"),
        classifier(optimizer="keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1.0, 100))"),
        FAULTY.replace("y = (X[:, 0] * X[:, 1] + X[:, 2] > 0)", "y = (rng.normal(size=600) > 0)"),
    ],
    ids=["high-but-works", "momentum", "adam", "schedule", "noise"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
