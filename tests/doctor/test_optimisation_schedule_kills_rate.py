"""schedule-kills-rate: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "schedule-kills-rate"

SCHEDULE = "keras.optimizers.schedules.ExponentialDecay(0.001, decay_steps=5, decay_rate=0.5)"
FAULTY = classifier(optimizer=f"keras.optimizers.Adam({SCHEDULE})", fit="epochs=50")
BY_EPOCH = classifier(
    fit="epochs=60, callbacks=[keras.callbacks.LearningRateScheduler(lambda e, r: 0.001 if e < 1 else 1e-9)]"
)


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert "decay_steps=5" in line_of(finding, tmp_path)
    assert finding.evidence["planned updates"] == 950


def test_mended_by_hand(tmp_path: Path) -> None:
    mended = FAULTY.replace("decay_steps=5", "decay_steps=500")
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_by_epoch(tmp_path: Path) -> None:
    finding = only(run_doctor(BY_EPOCH, tmp_path, select=(RULE,)), RULE)
    assert "LearningRateScheduler" in line_of(finding, tmp_path)


@pytest.mark.parametrize(
    "program",
    [
        classifier(optimizer="keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, 570))"),
        classifier(),
        FAULTY.replace("ExponentialDecay(0.001, decay_steps=5", "ExponentialDecay(0.02, decay_steps=40"),
    ],
    ids=["cosine", "constant", "learned-by-then"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
