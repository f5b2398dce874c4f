"""One number that makes confidence mean what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import log_loss as scikit_log_loss

from headstart.heads.records import softmax
from headstart.heads.temperature import BOUNDS, fit_temperature, log_loss


def drawn(n: int, classes: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Logits, and labels drawn by exactly the probabilities that they state."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0.0, 2.0, (n, classes))
    labels = (softmax(logits).cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
    return logits, np.minimum(labels, classes - 1).astype(np.int64)


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("scale", [0.25, 1.0, 4.0])
def test_finds_the_scale_by_which_logits_are_wrong(classes: int, scale: float) -> None:
    logits, labels = drawn(20_000, classes)
    assert fit_temperature(logits * scale, labels) == pytest.approx(scale, rel=0.05)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 60), st.integers(2, 6), st.floats(0.1, 10.0))
def test_never_makes_the_loss_worse_nor_changes_a_decision(
    seed: int, n: int, classes: int, scale: float
) -> None:
    logits, labels = drawn(n, classes, seed)
    logits = logits * scale
    temperature = fit_temperature(logits, labels)
    assert BOUNDS[0] <= temperature <= BOUNDS[1]
    assert log_loss(logits / temperature, labels) <= log_loss(logits, labels) + 1e-6
    assert ((logits / temperature).argmax(axis=1) == logits.argmax(axis=1)).all()


def test_stays_in_bounds_where_every_answer_is_right_or_wrong() -> None:
    logits, labels = np.array([[0.3, -0.3], [-0.3, 0.3]]), np.array([0, 1])
    assert fit_temperature(logits, labels) == pytest.approx(BOUNDS[0], rel=0.1)
    assert fit_temperature(logits, 1 - labels) == pytest.approx(BOUNDS[1], rel=0.1)


def test_a_weight_counts_as_copies_do() -> None:
    logits, labels = drawn(300, 3)
    logits = logits * 3
    weights = np.where(labels == 0, 3.0, 1.0)
    copies = np.repeat(np.arange(300), weights.astype(int))
    weighted = fit_temperature(logits, labels, weights)
    assert weighted == pytest.approx(fit_temperature(logits[copies], labels[copies]), rel=1e-3)
    assert weighted != pytest.approx(fit_temperature(logits, labels), rel=1e-3)


def test_log_loss_equals_scikit_learns_and_bears_huge_logits() -> None:
    logits, labels = drawn(200, 4)
    weights = np.random.default_rng(1).random(200)
    expected = scikit_log_loss(labels, softmax(logits), sample_weight=weights)
    assert log_loss(logits, labels, weights) == pytest.approx(expected)
    assert log_loss(np.array([[1e4, -1e4]]), np.array([1])) == pytest.approx(2e4)
