"""regularisation-too-strong: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "regularisation-too-strong"

FAULTY = classifier(
    'Dense(64, activation="relu", kernel_regularizer=keras.regularizers.l2(1.0))',
    'Dense(64, activation="relu", kernel_regularizer=keras.regularizers.l2(1.0))',
)


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity in ("error", "warning")
    assert "l2(1.0)" in line_of(finding, tmp_path)


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert "regularizers.L2(1e-4)" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        classifier(
            'Dense(64, activation="relu", kernel_regularizer=keras.regularizers.l2(0.01))',
            'Dense(64, activation="relu", kernel_regularizer="l2")',
        ),
        classifier(),
    ],
    ids=["usual", "none"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
