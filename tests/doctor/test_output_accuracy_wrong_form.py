"""accuracy-wrong-form: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, names, only, repaired, run_doctor

pytestmark = pytest.mark.gradients
RULE = "accuracy-wrong-form"
SOFTMAX = 'layers.Dense(3, activation="softmax")'
SIGMOID = 'layers.Dense(1, activation="sigmoid")'
ONE_HOT = "y = keras.utils.to_categorical(ids)"
IDS = "y = ids"
SPARSE, FULL, BINARY = (
    '"sparse_categorical_crossentropy"',
    '"categorical_crossentropy"',
    '"binary_crossentropy"',
)


@pytest.mark.parametrize(
    ("labels", "last", "loss", "metrics", "classes"),
    [
        (IDS, SOFTMAX, SPARSE, "[keras.metrics.Accuracy()]", 3),
        (IDS, SIGMOID, BINARY, "[keras.metrics.Accuracy()]", 2),
        (IDS, SOFTMAX, SPARSE, '["categorical_accuracy"]', 3),
        (IDS, SOFTMAX, SPARSE, "[keras.metrics.CategoricalAccuracy(name='acc')]", 3),
        (IDS, SOFTMAX, SPARSE, "[keras.metrics.BinaryAccuracy()]", 3),
        (IDS, SIGMOID, BINARY, '["categorical_accuracy"]', 2),
        (IDS, SIGMOID, BINARY, "[keras.metrics.SparseCategoricalAccuracy()]", 2),
        (ONE_HOT, SOFTMAX, FULL, '["binary_accuracy"]', 3),
        (ONE_HOT, SOFTMAX, FULL, '["sparse_categorical_accuracy"]', 3),
        (ONE_HOT, SOFTMAX, FULL, "[keras.metrics.Accuracy(), keras.metrics.AUC()]", 3),
    ],
)
def test_names_the_metric_and_mends_it(
    labels: str, last: str, loss: str, metrics: str, classes: int, tmp_path: Path
) -> None:
    diagnosis = run_doctor(program(labels, last, loss, metrics, classes=classes), tmp_path)
    finding = only(diagnosis, RULE)
    assert names(diagnosis) == [RULE]
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path).startswith("model.compile(")
    mended = repaired(diagnosis, RULE)
    assert '"accuracy"' in mended
    assert not names(run_doctor(mended, tmp_path))


@pytest.mark.parametrize(
    ("labels", "last", "loss", "metrics", "classes"),
    [
        (IDS, SOFTMAX, SPARSE, '["accuracy"]', 3),
        (IDS, SOFTMAX, SPARSE, '["Accuracy"]', 3),
        (IDS, SOFTMAX, SPARSE, '["sparse_categorical_accuracy"]', 3),
        (ONE_HOT, SOFTMAX, FULL, '["categorical_accuracy", "AUC"]', 3),
        (ONE_HOT, 'layers.Dense(2, activation="softmax")', FULL, '["binary_accuracy"]', 2),
        (IDS, SIGMOID, BINARY, "[keras.metrics.BinaryAccuracy(threshold=0.3)]", 2),
        (ONE_HOT, 'layers.Dense(3, activation="sigmoid")', BINARY, '["binary_accuracy"]', 3),
    ],
)
def test_traps(labels: str, last: str, loss: str, metrics: str, classes: int, tmp_path: Path) -> None:
    assert RULE not in names(run_doctor(program(labels, last, loss, metrics, classes=classes), tmp_path))


def test_two_softmax_units_on_one_column(tmp_path: Path) -> None:
    """What fits the loss and not the labels is the loss's fault."""
    source = program(IDS, SOFTMAX, FULL, '["categorical_accuracy"]')
    assert names(run_doctor(source, tmp_path)) == ["int-labels-categorical-loss"]
