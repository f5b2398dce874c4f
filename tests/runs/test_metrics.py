"""Values of the metrics: against scikit-learn, by hand, and where there is nothing to measure."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as reference

from headstart.core.numbers import Estimate
from headstart.runs.metrics import CurvePoint, Metrics, measure

FIELDS = (
    "accuracy",
    "majority_share",
    "balanced_accuracy",
    "macro_f1",
    "log_loss",
    "brier",
    "calibration_error",
)


def drawn(n: int, k: int, seed: int, sharp: float = 2.0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Probabilities, and labels drawn from them: calibrated by construction."""
    rng = np.random.default_rng(seed)
    logits = sharp * rng.normal(size=(n, k))
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return p, (p.cumsum(1) > rng.random((n, 1))).argmax(1).astype(np.int64)


def names(k: int) -> list[str]:
    return [f"class {i}" for i in range(k)]


def estimates(m: Metrics) -> list[Estimate]:
    return [getattr(m, field) for field in FIELDS] + [
        e for one in m.classes for e in (one.precision, one.recall, one.f1)
    ]


@pytest.mark.parametrize(("n", "k"), [(700, 2), (900, 7), (60, 12)])
def test_values_equal_scikit_learns(n: int, k: int) -> None:
    p, y = drawn(n, k, seed=n)
    y[0] = k - 1
    predicted = p.argmax(1)
    seen = np.arange(k)
    m = measure(p, y, names(k))
    assert m.accuracy.value == pytest.approx(reference.accuracy_score(y, predicted))
    assert m.balanced_accuracy.value == pytest.approx(
        np.mean(reference.recall_score(y, predicted, labels=np.unique(y), average=None, zero_division=0.0))
    )
    assert m.macro_f1.value == pytest.approx(reference.f1_score(y, predicted, average="macro"))
    assert m.log_loss.value == pytest.approx(reference.log_loss(y, p, labels=seen))
    one_hot = np.eye(k)[y]
    assert m.brier.value == pytest.approx(((p - one_hot) ** 2).sum(1).mean())
    assert np.array_equal(m.confusion, reference.confusion_matrix(y, predicted, labels=seen))
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        y, predicted, labels=seen, zero_division=np.nan
    )
    assert [c.precision.value for c in m.classes] == pytest.approx(precision, nan_ok=True)
    assert [c.recall.value for c in m.classes] == pytest.approx(recall, nan_ok=True)
    assert [c.f1.value for c in m.classes] == pytest.approx(f1, nan_ok=True)
    assert m.majority_share.value == pytest.approx(np.bincount(y).max() / n)
    assert m.majority_class == f"class {np.bincount(y).argmax()}"


def test_calibration_error_is_the_bins_mean_gap() -> None:
    p, y = drawn(400, 2, seed=3)
    m = measure(p, y, names(2))
    sizes = [b.accuracy.n for b in m.calibration]
    assert len(sizes) == 15
    assert sum(sizes) == 400
    assert max(sizes) - min(sizes) <= 1, "equal mass"
    gaps = [b.accuracy.n * abs(b.confidence - b.accuracy.value) for b in m.calibration]
    assert m.calibration_error.value == pytest.approx(sum(gaps) / 400)
    assert [b.confidence for b in m.calibration] == sorted(b.confidence for b in m.calibration)


def test_equal_confidences_share_a_bin_whatever_the_order() -> None:
    y = np.repeat([0, 1], 100).astype(np.int64)
    p = np.full((200, 2), 0.5)
    m = measure(p, y, names(2))
    assert len(m.calibration) == 1
    assert m.calibration_error.value == pytest.approx(0.0, abs=1e-12)


def test_certain_and_wrong_is_finite() -> None:
    p = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    m = measure(p, np.array([1, 1, 0]), names(2))
    assert m.log_loss.value == pytest.approx(-math.log(1e-7) / 3)
    assert m.brier.value == pytest.approx(2 / 3)


def test_all_right_has_an_interval_that_is_no_point() -> None:
    y = np.repeat([0, 1, 2], 20).astype(np.int64)
    m = measure(np.eye(3)[y], y, names(3))
    for e in (m.accuracy, m.balanced_accuracy, m.macro_f1, m.calibration_error, m.classes[0].f1):
        assert e.high - e.low > 0.01
    assert m.accuracy.value == m.balanced_accuracy.value == m.macro_f1.value == 1.0
    assert m.log_loss.value == 0.0


def test_class_without_pictures_and_class_never_answered() -> None:
    # Class 2 has no pictures and is answered once; class 1 is never answered; class 3 is neither.
    y = np.array([0, 0, 1, 0])
    p = np.eye(4)[[0, 0, 0, 2]]
    m = measure(p, y, names(4))
    assert m.classes[2].recall.n == 0
    assert math.isnan(m.classes[2].recall.value)
    assert (m.classes[2].recall.low, m.classes[2].recall.high) == (0.0, 1.0)
    assert m.classes[1].precision.n == 0
    assert m.classes[3].f1.n == 0
    assert m.balanced_accuracy.value == pytest.approx((2 / 3 + 0) / 2)
    assert m.macro_f1.value == pytest.approx(
        reference.f1_score(y, p.argmax(1), average="macro", labels=[0, 1, 2], zero_division=0.0)
    )


def test_no_pictures_at_all() -> None:
    m = measure(np.zeros((0, 3)), np.zeros(0, np.int64), names(3))
    assert m.accuracy.n == 0
    assert m.majority_class == ""
    assert m.confusion.shape == (3, 3)
    text = json.dumps(m.as_dict(), allow_nan=False)
    assert json.loads(text)["accuracy"] == {"value": None, "low": 0.0, "high": 1.0, "n": 0}


def test_one_picture_one_class() -> None:
    m = measure(np.array([[1.0]]), np.array([0]), ["only"])
    assert m.accuracy.value == 1.0
    json.dumps(m.as_dict(), allow_nan=False)


def test_as_dict_holds_every_metric_in_its_form() -> None:
    p, y = drawn(80, 3, seed=0)
    m = measure(p, y, ["a", "b", "ç"])
    form = json.loads(json.dumps(m.as_dict(), allow_nan=False))
    for field in FIELDS:
        assert set(form[field]) == {"value", "low", "high", "n"}
        assert form[field]["value"] == getattr(m, field).value
    assert set(form["classes"]) == {"a", "b", "ç"}
    assert form["confusion"]["counts"] == m.confusion.tolist()
    assert form["confusion"]["class_names"] == ["a", "b", "ç"]
    assert CurvePoint(40, m.accuracy).as_dict() == {"n_train": 40, "accuracy": form["accuracy"]}


@settings(max_examples=60, deadline=None)
@given(n=st.integers(1, 80), k=st.integers(1, 6), seed=st.integers(0, 2**32 - 1), sharp=st.floats(0.0, 40.0))
def test_laws(n: int, k: int, seed: int, sharp: float) -> None:
    p, y = drawn(n, k, seed, sharp)
    m = measure(p, y, names(k))
    for e in estimates(m):
        if e.n and not math.isnan(e.value):
            assert e.low <= e.value <= e.high
            assert e.low >= 0.0
    assert m.confusion.sum() == n == m.accuracy.n
    order = np.random.default_rng(seed).permutation(n)
    again = measure(p[order], y[order], names(k))
    for one, other in zip(estimates(m), estimates(again), strict=True):
        assert one.n == other.n
        assert [one.value, one.low, one.high] == pytest.approx(
            [other.value, other.low, other.high], nan_ok=True, abs=1e-9
        )


@pytest.mark.parametrize(
    ("p", "y", "classes"),
    [
        (np.ones((2, 2)) / 2, np.array([0]), names(2)),
        (np.ones((1, 2)) / 2, np.array([0]), names(3)),
        (np.ones((1, 2)) / 2, np.array([2]), names(2)),
        (np.ones((1, 2)) / 2, np.array([-1]), names(2)),
        (np.array([[np.nan, 0.5]]), np.array([0]), names(2)),
        (np.array([[1.5, -0.5]]), np.array([0]), names(2)),
        (np.ones((1, 2)) / 2, np.array([0]), ["a", "a"]),
    ],
)
def test_what_cannot_be_measured_is_refused(
    p: NDArray[np.float64], y: NDArray[np.int64], classes: list[str]
) -> None:
    with pytest.raises(ValueError, match="Received"):
        measure(p, y, classes)
