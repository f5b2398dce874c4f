"""batch-one: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "batch-one"

FAULTY = classifier(fit="batch_size=1, epochs=2")


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "info"
    assert "batch_size=1" in line_of(finding, tmp_path)
    assert finding.evidence["rows"] == 600


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert "batch_size=32" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        classifier(),
        classifier(fit="batch_size=1").replace("size=(600, 12)", "size=(60, 12)"),
    ],
    ids=["usual", "few-rows"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
