"""batch-too-large: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "batch-too-large"

FAULTY = classifier(fit="batch_size=600, epochs=10")


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert "batch_size=600" in line_of(finding, tmp_path)
    assert finding.evidence["planned updates"] == 10


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert "batch_size=32" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        classifier(fit="batch_size=600, epochs=500"),
        classifier(fit="batch_size=64"),
        """
import numpy as np, keras
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32")
y = np.array([0, 1, 1, 0])
model = keras.Sequential([keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(X, y, epochs=1000)
""",
    ],
    ids=["full-batches-enough", "usual", "xor"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
