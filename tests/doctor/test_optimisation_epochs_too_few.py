"""epochs-too-few: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "epochs-too-few"

FAULTY = classifier(fit="epochs=1")


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "info"
    assert "model.fit(X, y, epochs=1)" in line_of(finding, tmp_path)
    assert finding.evidence["epochs"] == 1


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert "epochs=" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        classifier(),
        FAULTY.replace("y = (X[:, 0] * X[:, 1] + X[:, 2] > 0)", "y = (rng.normal(size=600) > 0)"),
    ],
    ids=["enough", "noise"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
