"""crossentropy-for-regression: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, names, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "crossentropy-for-regression"
PRICES = "y = 20 + 5 * X[:, 0] + X[:, 1]"
SIGMOID = 'layers.Dense(1, activation="sigmoid")'


@pytest.mark.parametrize(
    ("labels", "last", "loss"),
    [
        (PRICES, "layers.Dense(1)", "binary_crossentropy"),
        (PRICES, SIGMOID, "binary_crossentropy"),
        (PRICES, "layers.Dense(1)", "categorical_crossentropy"),
        (PRICES, "layers.Dense(1)", "sparse_categorical_crossentropy"),
        (PRICES, 'layers.Dense(10, activation="softmax")', "sparse_categorical_crossentropy"),
        ("y = (100 * X[:, 0]).astype(int) + 500", "layers.Dense(1)", "binary_crossentropy"),
        ("y = X[:, :2] * 3", "layers.Dense(2)", "categorical_crossentropy"),
    ],
)
def test_names_the_compile_and_a_squared_error_is_silent(
    labels: str, last: str, loss: str, tmp_path: Path
) -> None:
    diagnosis = run_doctor(program(labels, last, f'"{loss}"', metrics="None"), tmp_path)
    assert diagnosis.findings[0].rule == RULE, names(diagnosis)
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("model.compile(")
    silent(run_doctor(program(labels, last, '"mse"', metrics="None"), tmp_path), RULE)


@pytest.mark.parametrize(
    ("labels", "last", "loss"),
    [
        ("y = 1 / (1 + np.exp(-X[:, 0]))", SIGMOID, "binary_crossentropy"),
        (
            "X = (X - X.min()) / (X.max() - X.min()); y = X",
            'layers.Dense(6, activation="sigmoid")',
            "binary_crossentropy",
        ),
        (
            "y = np.exp(X[:, :3]); y = y / y.sum(axis=1, keepdims=True)",
            'layers.Dense(3, activation="softmax")',
            "categorical_crossentropy",
        ),
        (
            "y = keras.utils.to_categorical(ids) * rng.normal(size=(240, 1)) * 5",
            'layers.Dense(3, activation="softmax")',
            "categorical_crossentropy",
        ),
        ("y = ids", 'layers.Dense(3, activation="softmax")', "sparse_categorical_crossentropy"),
    ],
    ids=["probabilities", "autoencoder", "soft-labels", "rewards", "ids"],
)
def test_traps(labels: str, last: str, loss: str, tmp_path: Path) -> None:
    silent(run_doctor(program(labels, last, f'"{loss}"', metrics="None"), tmp_path), RULE)
