"""label-out-of-range: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, names, only, repaired, run_doctor

pytestmark = pytest.mark.gradients
RULE = "label-out-of-range"
SIGMOID = 'layers.Dense(1, activation="sigmoid")'
BINARY = '"binary_crossentropy"'


def test_ids_from_one(tmp_path: Path) -> None:
    diagnosis = run_doctor(program("y = ids + 1"), tmp_path)
    finding = only(diagnosis, RULE)
    assert names(diagnosis) == [RULE]
    assert line_of(finding, tmp_path).startswith("model.add(layers.Dense(3")
    assert (finding.evidence["lowest label"], finding.evidence["highest label"]) == (1, 3)
    mended = repaired(diagnosis, RULE, safe_only=True)
    assert "layers.Dense(4, " in mended
    assert not names(run_doctor(mended, tmp_path))


@pytest.mark.parametrize(
    "labels", ["y = ids - 1", "y = np.array([0, 1, 7])[ids]", "y = ids.copy(); y[5] = 3"]
)
def test_below_zero_gaps_and_one_stray(labels: str, tmp_path: Path) -> None:
    only(run_doctor(program(labels), tmp_path), RULE)


@pytest.mark.parametrize("labels", ["y = ids * 2 - 1", "y = ids + 1", "y = (ids * 255).astype('float32')"])
def test_one_unit_wants_zero_and_one(labels: str, tmp_path: Path) -> None:
    finding = only(run_doctor(program(labels, SIGMOID, BINARY, classes=2), tmp_path), RULE)
    assert line_of(finding, tmp_path) == labels


@pytest.mark.parametrize(
    ("labels", "loss", "fit"),
    [
        ("y = np.minimum(ids, 1)", '"sparse_categorical_crossentropy"', "X, y"),
        (
            "y = ids.copy(); y[:9] = -1",
            "keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)",
            "X, y",
        ),
        (
            "y = ids.copy(); y[:9] = -1",
            '"sparse_categorical_crossentropy"',
            "X, y, sample_weight=(y >= 0).astype('float32')",
        ),
    ],
    ids=["class-missing", "ignored-class", "no-weight"],
)
def test_traps_ids(labels: str, loss: str, fit: str, tmp_path: Path) -> None:
    assert RULE not in names(run_doctor(program(labels, loss=loss, fit=fit), tmp_path))


@pytest.mark.parametrize(
    ("labels", "loss"),
    [
        ("y = ids", BINARY),
        ("y = ids * 0.9", BINARY),
        ("y = ids * 0.8 + 0.1", BINARY),
        ("y = ids * 2 - 1", '"hinge"'),
    ],
    ids=["zero-one", "one-sided", "smoothed", "hinge"],
)
def test_traps_binary(labels: str, loss: str, tmp_path: Path) -> None:
    last = 'layers.Dense(1, activation="tanh")' if "hinge" in loss else SIGMOID
    assert RULE not in names(run_doctor(program(labels, last, loss, classes=2), tmp_path))
