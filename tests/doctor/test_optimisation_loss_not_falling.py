"""loss-not-falling: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "loss-not-falling"

FAULTY = classifier(output='Dense(1, activation="sigmoid")').replace(
    "model.compile(", "model.add(keras.layers.Lambda(keras.ops.round))\nmodel.compile("
)


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "error"
    assert "model.compile(" in line_of(finding, tmp_path)
    assert finding.evidence["gradient norm"] == 0.0


@pytest.mark.parametrize(
    "program",
    [
        classifier(),
        FAULTY.replace("keras.ops.round", "keras.ops.square"),
    ],
    ids=["healthy", "mended"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
