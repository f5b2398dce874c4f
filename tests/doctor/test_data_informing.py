"""val-missing and tiny-dataset: what they say is information, and rarely said."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, program
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
MISSING = "val-missing"
TINY = "tiny-dataset"


def test_no_validation(tmp_path: Path) -> None:
    fit = "model.fit(X, y, epochs=20)"
    finding = only(run_doctor(program(DATA, MODEL.replace("16", "64"), fit), tmp_path), MISSING)
    silent(run_doctor(program(DATA, MODEL, fit), tmp_path), MISSING)
    assert finding.severity == "info"
    assert line_of(finding, tmp_path) == fit


@pytest.mark.parametrize(
    "fit",
    [
        "model.fit(X, y, epochs=20, validation_split=0.2)",
        "model.fit(X[:300], y[:300], epochs=20, validation_data=(X[300:], y[300:]))",
        "model.fit(X, y, epochs=2)",
        "model.fit(X[:20], y[:20], epochs=20)",
    ],
)
def test_nothing_is_missing(fit: str, tmp_path: Path) -> None:
    silent(run_doctor(program(DATA, MODEL, fit), tmp_path), MISSING, TINY)


def test_a_handful_of_validation_rows(tmp_path: Path) -> None:
    finding = only(
        run_doctor(program(DATA, MODEL, "model.fit(X[:60], y[:60], validation_split=0.1)"), tmp_path), TINY
    )
    assert finding.severity == "info"
    assert finding.evidence["rows of validation"] == 6
