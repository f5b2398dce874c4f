"""dead-relu: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "dead-relu"

BIAS = "bias_initializer=keras.initializers.Constant(-100.0)"
FAULTY = classifier(f'Dense(64, activation="relu", {BIAS})')


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "error"
    assert "Dense(64" in line_of(finding, tmp_path)
    assert finding.evidence["share dead"] == 1.0


@pytest.mark.parametrize(
    "program",
    [
        classifier(),
        classifier('Dense(64, activation="relu", bias_initializer=keras.initializers.Constant(-0.5))'),
        classifier('Dense(4, activation="relu")'),
    ],
    ids=["healthy", "sparse", "few-units"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
