"""zero-init: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import DATA, classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "zero-init"

FAULTY = classifier(
    'Dense(64, activation="relu", kernel_initializer="zeros")',
    output='Dense(1, activation="sigmoid", kernel_initializer="zeros")',
)


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "error"
    assert "Dense(64" in line_of(finding, tmp_path)
    assert finding.evidence["gradient norm"] == 0.0


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert 'Dense(64, activation="relu")' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_ones_behind_dropout(tmp_path: Path) -> None:
    program = classifier(
        'Dense(16, activation="tanh", kernel_initializer="ones")',
        "Dropout(0.2)",
        output='Dense(1, activation="sigmoid", kernel_initializer="ones")',
    )
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert finding.evidence["every weight is"] == 1.0


@pytest.mark.parametrize(
    "program",
    [
        classifier(
            'Dense(64, activation="relu")',
            output='Dense(1, activation="sigmoid", kernel_initializer="zeros")',
        ),
        classifier('Dense(64, activation="tanh", kernel_initializer="zeros")'),
        classifier('Dense(64, activation="relu", bias_initializer="zeros")'),
        DATA
        + "model = Sequential([Input((12,)), Dense(1, activation=\"sigmoid\", kernel_initializer=\"zeros\")])\nmodel.compile('adam', 'binary_crossentropy')\nmodel.fit(X, y)",
    ],
    ids=["last-layer", "before-random", "bias", "logistic"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
