"""binary-loss-exclusive-classes: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, names, only, repaired, run_doctor

pytestmark = pytest.mark.gradients
RULE = "binary-loss-exclusive-classes"
BINARY = '"binary_crossentropy"'
ONE_HOT = "y = keras.utils.to_categorical(ids)"


@pytest.mark.parametrize("labels", [ONE_HOT, "y = ids"])
def test_names_the_compile_and_mends_it(labels: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(program(labels, loss=BINARY), tmp_path)
    finding = only(diagnosis, RULE)
    assert names(diagnosis) == [RULE]
    assert line_of(finding, tmp_path).startswith("model.compile(")
    if labels == ONE_HOT:
        assert float(finding.evidence["loss as shown"]) < float(finding.evidence["categorical loss"])  # type: ignore[arg-type]
    assert not names(run_doctor(repaired(diagnosis, RULE), tmp_path))


@pytest.mark.parametrize(
    ("labels", "last", "classes"),
    [
        (ONE_HOT, 'layers.Dense(2, activation="softmax")', 2),
        (
            "y = np.stack([ids == 0, ids >= 1, ids == 2], 1).astype('float32')",
            'layers.Dense(3, activation="sigmoid")',
            3,
        ),
        ("y = ids", 'layers.Dense(1, activation="sigmoid")', 2),
    ],
    ids=["two-softmax-units", "several-labels", "one-sigmoid"],
)
def test_traps(labels: str, last: str, classes: int, tmp_path: Path) -> None:
    assert not names(run_doctor(program(labels, last, BINARY, classes=classes), tmp_path))
