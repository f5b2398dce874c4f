"""class-weight-misused: faults, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, program
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "class-weight-misused"
RARE = program(DATA, "y = (rng.random(n) < 0.2).astype(int)", "X[:, 0] += 3 * y")


@pytest.mark.parametrize(
    ("weights", "severity"),
    [
        ("[1.0, 4.0]", "error"),
        ("np.array([1.0, 4.0])", "error"),
        ("'balanced'", "error"),
        ("{'no': 1.0, 'yes': 4.0}", "error"),
        ("{'0': 1.0, '1': 4.0}", "error"),
        ("{1: 1.0, 2: 4.0}", "error"),
        ("{0: float((y == 0).mean()), 1: float((y == 1).mean())}", "warning"),
    ],
)
def test_faults(weights: str, severity: str, tmp_path: Path) -> None:
    fit = f"model.fit(X, y, epochs=3, class_weight={weights})"
    diagnosis = run_doctor(program(RARE, MODEL, fit), tmp_path)
    finding = only(diagnosis, RULE)
    assert finding.severity == severity
    assert line_of(finding, tmp_path) == fit
    if finding.edit is not None:
        mended = repaired(diagnosis, RULE)
        assert "dict(enumerate(" in mended
        silent(run_doctor(mended, tmp_path), RULE)


def test_with_sample_weights_or_a_generator(tmp_path: Path) -> None:
    both = "model.fit(X, y, class_weight={0: 1.0, 1: 4.0}, sample_weight=np.ones(n))"
    only(run_doctor(program(RARE, MODEL, both), tmp_path), RULE)
    stream = "model.fit(((X[i:i + 8], y[i:i + 8]) for i in range(0, n, 8)), class_weight={0: 1.0, 1: 4.0})"
    only(run_doctor(program(RARE, MODEL, stream), tmp_path), RULE)


def test_several_labels_a_row(tmp_path: Path) -> None:
    source = program(
        DATA,
        "Y = (rng.random((n, 3)) < 0.4).astype('float32')",
        "model = keras.Sequential([layers.Dense(3, 'sigmoid')])",
        "model.compile('adam', 'binary_crossentropy')",
        "model.fit(X, Y, class_weight={0: 1.0, 1: 2.0, 2: 3.0})",
    )
    assert only(run_doctor(source, tmp_path), RULE).severity == "warning"


TRAPS = [
    "{0: 1.0, 1: 4.0}",
    "{1: 4.0}",
    "{0: 1.0, 1: 4.0, 2: 9.0}",
    "{0: 1.0, 1: 1.0}",
    "{0: 2.0, 1: 1.0}",
    "dict(enumerate(np.array([0.6, 2.5])))",
    "None",
]


@pytest.mark.parametrize("weights", TRAPS)
def test_traps(weights: str, tmp_path: Path) -> None:
    silent(run_doctor(program(RARE, MODEL, f"model.fit(X, y, class_weight={weights})"), tmp_path), RULE)


def test_one_hot(tmp_path: Path) -> None:
    source = program(
        RARE,
        "model = keras.Sequential([layers.Dense(2, 'softmax')])",
        "model.compile('adam', 'categorical_crossentropy')",
        "model.fit(X, keras.utils.to_categorical(y), class_weight={0: 0.6, 1: 2.5})",
    )
    silent(run_doctor(source, tmp_path), RULE)
