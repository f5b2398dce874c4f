"""labels-rescaled: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, names, only, run_doctor

pytestmark = pytest.mark.gradients
RULE = "labels-rescaled"
SIGMOID = 'layers.Dense(1, activation="sigmoid")'


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        ("X, y = X / 255.0, ids / 255.0", "X, y = X / 255.0, ids / 255.0"),
        ("y = ids.astype('float32')\ny /= 255.0", "y /= 255.0"),
        ("y = (ids - ids.mean()) / ids.std()", "y = (ids - ids.mean()) / ids.std()"),
        ("y = keras.utils.normalize(ids.astype('float32'))[0]", "y = keras.utils.normalize"),
    ],
    ids=["with-the-pixels", "in-place", "standardised", "normalised"],
)
def test_names_the_line_that_scales(labels: str, line: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(program(labels), tmp_path)
    assert diagnosis.findings[0].rule == RULE
    finding = only(diagnosis, RULE)
    assert names(diagnosis) == [RULE]
    assert line_of(finding, tmp_path).startswith(line)


def test_one_hot_rows_and_one_unit(tmp_path: Path) -> None:
    one_hot = program("y = keras.utils.to_categorical(ids) / 255.0", loss='"categorical_crossentropy"')
    only(run_doctor(one_hot, tmp_path), RULE)
    only(run_doctor(program("y = ids / 255.0", SIGMOID, '"binary_crossentropy"', classes=2), tmp_path), RULE)


def test_before_the_encoding(tmp_path: Path) -> None:
    labels = "y = ids / 255.0\ny = keras.utils.to_categorical(y, 3)"
    diagnosis = run_doctor(program(labels, loss='"categorical_crossentropy"'), tmp_path)
    assert line_of(only(diagnosis, RULE), tmp_path) == "y = ids / 255.0"


def test_inside_a_data_set(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    more = """
import tensorflow as tf
def scale(image, label):
    image = tf.cast(image, tf.float32) / 255.0
    label = tf.cast(label, tf.float32) / 255.0
    return image, label
data = tf.data.Dataset.from_tensor_slices((X, y)).map(scale).batch(32)
"""
    finding = only(run_doctor(program("y = ids", more=more, fit="data"), tmp_path), RULE)
    assert line_of(finding, tmp_path) == "label = tf.cast(label, tf.float32) / 255.0"
    right = more.replace("    label = tf.cast(label, tf.float32) / 255.0\n", "")
    assert RULE not in names(run_doctor(program("y = ids", more=right, fit="data"), tmp_path))


@pytest.mark.parametrize(
    ("labels", "last", "loss"),
    [
        (
            "X = X / 255.0; y = ids",
            'layers.Dense(3, activation="softmax")',
            "sparse_categorical_crossentropy",
        ),
        ("y = X[:, 0] / 255.0", "layers.Dense(1)", "mse"),
        ("y = ids * 0.45", SIGMOID, "mse"),
        ("y = (ids > 0) * 0.8 + 0.1", SIGMOID, "binary_crossentropy"),
        ("y = (ids > 0) * 0.9", SIGMOID, "binary_crossentropy"),
        (
            "y = keras.utils.to_categorical(ids) * rng.random((240, 1))",
            'layers.Dense(3, activation="softmax")',
            "categorical_crossentropy",
        ),
    ],
    ids=["pixels-only", "regression", "levels", "smoothed", "one-sided", "rewards"],
)
def test_traps(labels: str, last: str, loss: str, tmp_path: Path) -> None:
    assert RULE not in names(run_doctor(program(labels, last, f'"{loss}"'), tmp_path))
