"""wide-init: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "wide-init"

WIDE = "kernel_initializer=keras.initializers.RandomNormal(stddev=5.0)"
FAULTY = classifier(
    f'Dense(64, activation="tanh", {WIDE})', f'Dense(64, activation="tanh", {WIDE})', fit="epochs=30"
)


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert "stddev=5.0" in line_of(finding, tmp_path)
    assert finding.evidence["spread of the weights"] > 4


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert 'Dense(64, activation="tanh")' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        classifier('Dense(64, activation="relu", kernel_initializer="he_normal")'),
        classifier(
            'Dense(64, activation="relu", kernel_initializer=keras.initializers.RandomNormal(stddev=0.05))'
        ),
        classifier(),
    ],
    ids=["he", "small", "usual"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
