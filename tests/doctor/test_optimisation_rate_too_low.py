"""rate-too-low: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "rate-too-low"

FAULTY = classifier(optimizer="keras.optimizers.Adam(learning_rate=1e-6)", fit="epochs=20")
FINE_TUNING = (
    classifier()
    + """
model.compile(optimizer=keras.optimizers.Adam(1e-6), loss="binary_crossentropy")
model.fit(X, y, epochs=20)
"""
)
LINE = """
import numpy as np
import keras
from keras.models import Sequential
from keras.layers import Dense, Input
keras.utils.set_random_seed(0)
x = np.arange(0, 100, dtype="float32") / 10
y = 3 * x + 2
model = Sequential()
model.add(Input((1,)))
model.add(Dense(1))
model.compile(loss="mse", optimizer="rmsprop")
model.fit(x, y, epochs=50, batch_size=32)
"""


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert "learning_rate=1e-6" in line_of(finding, tmp_path)
    assert finding.evidence["planned updates"] == 380


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert "learning_rate=0.001" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_a_default_that_is_too_small_for_a_line(tmp_path: Path) -> None:
    diagnosis = run_doctor(LINE, tmp_path, select=(RULE,))
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("model.compile(")
    mended = repaired(diagnosis, RULE)
    assert "optimizers.RMSprop(learning_rate=" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_long_runs_are_made_shorter(tmp_path: Path) -> None:
    only(run_doctor(FAULTY.replace("epochs=20", "epochs=1000"), tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        classifier(optimizer="keras.optimizers.Adam(1e-4)", fit="epochs=500"),
        classifier(),
        classifier(
            optimizer="keras.optimizers.Adam(keras.optimizers.schedules.PolynomialDecay(1e-6, 100, 1e-2))"
        ),
        FAULTY.replace("y = (X[:, 0] * X[:, 1] + X[:, 2] > 0)", "y = (rng.normal(size=600) > 0)"),
        FINE_TUNING,
    ],
    ids=["enough-steps", "usual", "schedule", "noise", "fine-tuning"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
