"""optimiser-default-weak: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "optimiser-default-weak"

FAULTY = classifier(optimizer='"adadelta"', fit="epochs=20")


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert "model.compile(" in line_of(finding, tmp_path)
    assert finding.evidence["optimizer"] == "Adadelta"


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert "optimizers.Adam" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_advice_where_the_steps_only_do_not_even_fit(tmp_path: Path) -> None:
    program = classifier(optimizer='"sgd"', fit="epochs=30").replace(
        "X[:, 0] * X[:, 1] + X[:, 2]", "np.prod(X[:, :4], axis=1)"
    )
    found = [f for f in run_doctor(program, tmp_path, select=(RULE,)).all_findings if f.rule == RULE]
    assert all(f.severity == "info" for f in found)


@pytest.mark.parametrize(
    "program",
    [
        classifier(optimizer='"sgd"', fit="epochs=300"),
        classifier(optimizer="keras.optimizers.SGD(0.01, momentum=0.9)"),
        classifier(optimizer='"sgd"', fit="epochs=100").replace("X[:, 0] * X[:, 1] + ", "X[:, 0] + "),
    ],
    ids=["sgd-that-learns", "momentum", "convex"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
