"""vanishing-gradient: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "vanishing-gradient"

FAULTY = classifier(
    *['Dense(16, activation="softsign", kernel_initializer=keras.initializers.RandomNormal(stddev=0.05))']
    * 12
)


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert "Dense(16" in line_of(finding, tmp_path)
    assert finding.evidence["gradient over weights, first layer"] < 1e-6


@pytest.mark.parametrize(
    "program",
    [
        classifier(),
        classifier(*['Dense(32, activation="relu", kernel_initializer="he_normal")'] * 8),
        classifier().replace("model.compile(", "model.layers[0].trainable = False\nmodel.compile("),
    ],
    ids=["healthy", "deep-relu", "frozen"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
