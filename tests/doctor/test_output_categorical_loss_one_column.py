"""categorical-loss-one-column: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, names, only, repaired, run_doctor

pytestmark = pytest.mark.gradients
RULE = "categorical-loss-one-column"
SIGMOID = 'layers.Dense(1, activation="sigmoid")'


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_names_the_compile_and_mends_it(loss: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(program(last=SIGMOID, loss=f'"{loss}"', classes=2), tmp_path)
    finding = only(diagnosis, RULE)
    assert names(diagnosis) == [RULE]
    assert line_of(finding, tmp_path).startswith("model.compile(")
    assert finding.evidence["loss whatever is predicted"] == 0
    mended = repaired(diagnosis, RULE)
    assert '"binary_crossentropy"' in mended
    assert not names(run_doctor(mended, tmp_path))


def test_a_raw_unit(tmp_path: Path) -> None:
    source = program(last="layers.Dense(1)", loss='"categorical_crossentropy"', classes=2)
    assert only(run_doctor(source, tmp_path), RULE).edit is None


def test_two_one_hot_columns_are_too_few_units_first(tmp_path: Path) -> None:
    source = program("y = keras.utils.to_categorical(ids)", SIGMOID, '"categorical_crossentropy"', classes=2)
    diagnosis = run_doctor(source, tmp_path)
    assert diagnosis.findings[0].rule == "units-not-classes"
    assert set(names(diagnosis)) == {"units-not-classes", RULE}


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        ('layers.Dense(2, activation="softmax")', '"sparse_categorical_crossentropy"'),
        (SIGMOID, '"binary_crossentropy"'),
    ],
)
def test_traps(last: str, loss: str, tmp_path: Path) -> None:
    source = program("y = ids.reshape(-1, 1)", last, loss, classes=2)
    assert not names(run_doctor(source, tmp_path))
