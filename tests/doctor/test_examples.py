"""The example programs: every faulty one is named at its line, no healthy one is accused.

A program is added by putting it in its folder (and, for a faulty one, into `labels.toml`).
"""

from __future__ import annotations

import importlib.util
import os
import runpy
import sys
from pathlib import Path

import pytest
from support import run_doctor

BENCH = Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

from _programs import Program, faulty_programs, grade, healthy_programs  # noqa: E402

pytestmark = pytest.mark.gradients

HEALTHY = healthy_programs()
FAULTS = faulty_programs()
SOUND = HEALTHY + [program for program in FAULTS if not program.faults]
FAULTY = [program for program in FAULTS if program.root_faults]
TRAINED = [program for program in HEALTHY if "weights" not in program.needs]


def examined(program: Program, tmp_path: Path):
    if "TensorFlow" in program.needs and importlib.util.find_spec("tensorflow") is None:
        pytest.skip("the program needs TensorFlow")
    return run_doctor(program.path.read_text(encoding="utf-8"), tmp_path, through=program.through)


@pytest.mark.parametrize("program", SOUND, ids=lambda program: program.name)
def test_no_sound_program_is_accused(program: Program, tmp_path: Path) -> None:
    diagnosis = examined(program, tmp_path)
    assert diagnosis.fits, f"no fit was reached: {diagnosis.note} {diagnosis.crash}"
    loud = [finding for finding in diagnosis.all_findings if finding.severity != "info"]
    assert not loud, [(finding.rule, str(finding.place), finding.message) for finding in loud]


@pytest.mark.parametrize("program", FAULTY, ids=lambda program: program.name)
def test_a_fault_is_named_at_its_line(program: Program, tmp_path: Path) -> None:
    diagnosis = examined(program, tmp_path)
    result = grade(program, diagnosis)
    found = [(finding.rule, str(finding.place)) for finding in diagnosis.all_findings]
    right = [
        named is not None and placed
        for fault, named, placed in zip(program.faults, result.named, result.placed, strict=True)
        if not fault.light
    ]
    assert any(right), f"wanted one of {[fault.rules for fault in program.root_faults]}, found {found}"
    assert not result.false, [(finding.rule, finding.message) for finding in result.false]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("program", TRAINED, ids=lambda program: program.name)
def test_a_healthy_program_learns(program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "TensorFlow" in program.needs and importlib.util.find_spec("tensorflow") is None:
        pytest.skip("the program needs TensorFlow")
    from headstart.core import backend

    keras = backend.ensure(gradients=True)
    keras.utils.clear_session()
    keras.mixed_precision.set_global_policy("float32")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(program.path)])
    try:
        names = runpy.run_path(str(program.path), run_name="__main__")
    finally:
        keras.mixed_precision.set_global_policy("float32")
    assert eval(program.learns, names), program.learns


def test_the_examples_are_many_and_known() -> None:
    assert len(HEALTHY) >= 48
    assert len(FAULTY) >= 40
    assert os.path.commonpath([program.path for program in HEALTHY]).endswith("healthy")
