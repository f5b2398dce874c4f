"""capacity-too-small: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "capacity-too-small"

FAULTY = """
import numpy as np, keras
from keras.models import Sequential
from keras.layers import Dense, Input
keras.utils.set_random_seed(1)
rng = np.random.default_rng(0)
angle = rng.uniform(0, 2 * np.pi, 1000)
radius = np.where(np.arange(1000) % 2, 1.0, 0.4) + rng.normal(0, 0.05, 1000)
X = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
y = np.arange(1000) % 2
model = Sequential()
model.add(Input((2,)))
model.add(Dense(2, activation="sigmoid"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01), metrics=["accuracy"])
model.fit(X, y, epochs=100, batch_size=32)
"""


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert "model.add(Dense(2" in line_of(finding, tmp_path)
    assert finding.evidence["units"] == 2


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert "Dense(32, activation=" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        FAULTY.replace("Dense(2,", "Dense(8,"),
        FAULTY.replace("y = np.arange(1000) % 2", "y = (X[:, 0] > 0).astype(int)"),
        FAULTY.replace('Dense(1, activation="sigmoid")', "Dense(2)")
        .replace("binary_crossentropy", "mse")
        .replace("fit(X, y", "fit(X, X"),
    ],
    ids=["wider", "xor-with-two", "code"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
