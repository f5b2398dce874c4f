"""accuracy-on-regression: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "accuracy-on-regression"
PRICES = "y = X[:, 0] * 0.5 + 0.2 * X[:, 1]"


@pytest.mark.parametrize("metrics", ['["accuracy"]', '["acc"]', "[keras.metrics.Accuracy()]"])
@pytest.mark.parametrize("labels", [PRICES, "y = (100 * X[:, 0]).astype(int)"])
def test_names_the_compile_and_mends_it(labels: str, metrics: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(program(labels, "layers.Dense(1)", '"mse"', metrics), tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path).startswith("model.compile(")
    mended = repaired(diagnosis, RULE)
    assert 'metrics=["mae"]' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_a_handful_of_numbers(tmp_path: Path) -> None:
    source = """
        import numpy as np, keras
        xs = np.array([-1.0, 0.0, 1.0, 2.0, 3.0, 4.0])
        ys = np.array([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0])
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.compile(optimizer="sgd", loss="mean_squared_error", metrics=["accuracy"])
        model.fit(xs, ys, epochs=5, verbose=0)
        """
    only(run_doctor(source, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    ("labels", "last", "metrics"),
    [
        (PRICES, "layers.Dense(1)", '["mae"]'),
        ("y = (ids > 0).astype(int)", 'layers.Dense(1, activation="sigmoid")', '["accuracy"]'),
        ("y = keras.utils.to_categorical(ids)", 'layers.Dense(3, activation="softmax")', '["accuracy"]'),
        ("y = rng.integers(1, 6, 240)", "layers.Dense(1)", '["accuracy"]'),
        ("y = X * 1.0", "layers.Dense(6)", '["accuracy"]'),
    ],
    ids=["mae", "binary", "one-hot", "ratings", "autoencoder"],
)
def test_traps(labels: str, last: str, metrics: str, tmp_path: Path) -> None:
    silent(run_doctor(program(labels, last, '"mse"', metrics), tmp_path, select=(RULE,)), RULE)
