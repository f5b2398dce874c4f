"""saturated-sigmoids: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import DATA, classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "saturated-sigmoids"

FAULTY = classifier(*['Dense(16, activation="sigmoid")'] * 8)


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert "Dense(16, activation=" in line_of(finding, tmp_path)
    assert finding.evidence["hidden layers that saturate"] == 8


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert 'elu")' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        classifier('Dense(32, activation="sigmoid")'),
        classifier(*['Dense(32, activation="tanh")'] * 3),
        DATA
        + "model = Sequential([Input((12, 1)), LSTM(8), Dense(1)])\nmodel.compile('adam', 'mse')\nmodel.fit(X[..., None], X.sum(axis=1))",
    ],
    ids=["shallow", "tanh", "recurrent"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
