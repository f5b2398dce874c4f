"""class-imbalance: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, program
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "class-imbalance"
RARE = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
n = 1200
y = (rng.random(n) < 0.05).astype(int)
X = (rng.normal(size=(n, 6)) + 1.3 * y[:, None] * np.array([1, 1, 0, 0, 0, 0])).astype("float32")
"""
FIT = "model.fit(X, y, epochs=3, verbose=0)"


def test_weak_signal_and_no_weights(tmp_path: Path) -> None:
    diagnosis = run_doctor(program(RARE, MODEL, FIT), tmp_path)
    finding = only(diagnosis, RULE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path) == FIT
    without = finding.evidence["rare rows that a small classifier finds without weights"]
    assert isinstance(without, float)
    assert without < 0.35
    mended = repaired(diagnosis, RULE)
    assert "class_weight={0: " in mended
    silent(run_doctor(mended, tmp_path), RULE)


TRAPS = {
    "told-easily": program(RARE, "X[:, 0] += 6 * y", MODEL, FIT),
    "balanced": program(DATA, MODEL, FIT),
    "weighted": program(RARE, MODEL, "model.fit(X, y, class_weight={0: 1, 1: 19})"),
    "sample-weights": program(RARE, MODEL, "model.fit(X, y, sample_weight=1.0 + 18 * y)"),
    "auc": program(RARE, MODEL.replace('"accuracy"', "keras.metrics.AUC()"), FIT),
    "first-bias": program(
        RARE,
        MODEL.replace(
            "Dense(1, activation", "Dense(1, bias_initializer=keras.initializers.Constant(-2.9), activation"
        ),
        FIT,
    ),
    "regression": program(
        RARE, "model = keras.Sequential([layers.Dense(1)])", "model.compile('adam', 'mse')", FIT
    ),
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str, tmp_path: Path) -> None:
    silent(run_doctor(TRAPS[name], tmp_path), RULE)


@pytest.mark.parametrize(
    "source",
    [
        program(RARE, "X = rng.normal(size=(n, 6))", MODEL, FIT),
        program(RARE, "from sklearn.metrics import classification_report", MODEL, FIT),
    ],
)
def test_no_signal_or_watched_informs(source: str, tmp_path: Path) -> None:
    assert only(run_doctor(source, tmp_path), RULE).severity == "info"
