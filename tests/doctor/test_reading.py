"""The reading of an exception that no rule knows, beside the user's own traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import run_doctor

from headstart.doctor.capture.reading import reading_of


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TypeError("f() got an unexpected keyword argument 'speed'"), "does not take speed="),
        (ValueError("could not convert string to float: 'red'"), "text among the numbers: red"),
        (ModuleNotFoundError("No module named 'nowhere'", name="nowhere"), "'nowhere' is not installed"),
        (MemoryError(), "not enough memory"),
        (Exception("URL fetch failure on https://x: None"), "no network"),
        (
            ValueError(
                '\x1b[1mInput 0 of layer "dense" is incompatible with the layer: expected axis -1 to be 8\x1b[0m'
            ),
            "the layer dense was made for: expected axis -1 to be 8",
        ),
        (ZeroDivisionError("division by zero"), ""),
    ],
)
def test_says_what_it_means(error: BaseException, said: str) -> None:
    found = reading_of(error)
    assert said in found
    assert bool(found) == bool(said)


@pytest.mark.gradients
def test_an_unknown_error_shows_the_users_traceback_alone(tmp_path: Path) -> None:
    program = "import keras\ndef inner():\n    raise RuntimeError('of my own')\n\ninner()\n"
    diagnosis = run_doctor(program, tmp_path)
    assert diagnosis.ending == "error"
    assert diagnosis.exit_code == 2
    assert diagnosis.crash is not None
    assert "RuntimeError: of my own" in diagnosis.crash.traceback
    assert "headstart" not in diagnosis.crash.traceback
    assert diagnosis.crash.place is not None
    assert diagnosis.crash.place.line == 3
