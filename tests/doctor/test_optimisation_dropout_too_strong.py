"""dropout-too-strong: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "dropout-too-strong"

FAULTY = classifier(
    'Dense(64, activation="relu")', "Dropout(0.9)", 'Dense(32, activation="relu")', "Dropout(0.9)"
)


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity in ("error", "warning")
    assert line_of(finding, tmp_path) == "model.add(Dropout(0.9))"
    assert finding.evidence["share kept in all"] == 0.01


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert "Dropout(0.3)" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        classifier(
            'Dense(64, activation="relu")', "Dropout(0.5)", 'Dense(32, activation="relu")', "Dropout(0.5)"
        ),
        classifier('Dense(512, activation="relu")', "Dropout(0.75)"),
    ],
    ids=["usual", "wide"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
