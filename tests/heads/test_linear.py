"""The linear head against scikit-learn's own pipeline, and its laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression, LogisticRegressionCV
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from headstart.core.errors import HeadError
from headstart.heads import linear
from headstart.heads.linear import STRENGTHS, class_weights, train_linear


def blobs(
    n: int, width: int, classes: int, *, apart: float = 1.0, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Overlapping clouds around one centre a class, of features with very different means and scales."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    centres = rng.normal(0.0, apart, (classes, width))
    x = centres[labels] + rng.normal(size=(n, width))
    scale, offset = 10.0 ** rng.uniform(-2, 2, width), rng.normal(0.0, 5.0, width)
    order = rng.permutation(n)
    return (x * scale + offset * scale)[order].astype(np.float32), labels[order].astype(np.int64)


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("strength", [1e-3, 1.0])
def test_is_scikit_learns_pipeline_but_for_the_temperature(classes: int, strength: float) -> None:
    x, y = blobs(300, 12, classes)
    head = train_linear(x, y, classes, strength=strength)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(C=strength, tol=1e-8, max_iter=5000))
    pipeline.fit(x.astype(np.float64), y)
    scores = pipeline.predict_log_proba(x.astype(np.float64)) / head.chosen["temperature"]
    expected = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(head.probabilities(x), expected, atol=5e-3)


@pytest.mark.parametrize("classes", [2, 4])
def test_is_as_good_as_scikit_learns_own_search(classes: int) -> None:
    x, y = blobs(1200, 30, classes, apart=0.35)
    head = train_linear(x[:400], y[:400], classes)
    search = LogisticRegressionCV(
        Cs=STRENGTHS, scoring="neg_log_loss", max_iter=2000, l1_ratios=(0,), use_legacy_attributes=False
    )
    own = make_pipeline(StandardScaler(), search).fit(x[:400], y[:400])
    ours = log_loss(y[400:], head.probabilities(x[400:]))
    assert ours <= log_loss(y[400:], own.predict_proba(x[400:])) + 0.02


def test_is_one_dense_layer_in_float32_that_takes_raw_features() -> None:
    x, y = blobs(90, 5, 3)
    head = train_linear(x, y, 3)
    (layer,) = head.layers
    assert (layer.kernel.shape, layer.bias.shape, layer.activation) == ((5, 3), (3,), "softmax")
    assert layer.kernel.dtype == layer.bias.dtype == np.float32
    logits = x @ layer.kernel + layer.bias
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    np.testing.assert_allclose(head.probabilities(x), exps / exps.sum(axis=1, keepdims=True), atol=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 4))
def test_probabilities_are_such_and_scale_does_not_matter(seed: int, classes: int) -> None:
    x, y = blobs(60, 4, classes, seed=seed)
    probabilities = train_linear(x, y, classes, strength=0.1).probabilities(x)
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    scaled = x * np.float32(32)
    again = train_linear(scaled, y, classes, strength=0.1).probabilities(scaled)
    np.testing.assert_allclose(again, probabilities, atol=1e-3)


def test_the_best_strength_tried_is_taken_and_weak_ones_are_left_out() -> None:
    x, y = blobs(200, 60, 2, apart=0.25)
    head = train_linear(x, y, 2)
    strengths = [strength for strength, _ in head.tried]
    assert strengths == list(STRENGTHS[: len(strengths)])
    assert head.chosen["strength"] == min(head.tried, key=lambda pair: pair[1])[0]
    assert len(strengths) < len(STRENGTHS)
    fixed = train_linear(x, y, 2, strength=0.5)
    assert [strength for strength, _ in fixed.tried] == [0.5]
    assert fixed.chosen["strength"] == 0.5


def test_confidence_means_what_it_says() -> None:
    x, y = blobs(4000, 200, 2, apart=0.12)
    head = train_linear(x[:1000], y[:1000], 2)
    given_ = head.probabilities(x[1000:]).max(axis=1)
    right = head.probabilities(x[1000:]).argmax(axis=1) == y[1000:]
    assert given_.mean() == pytest.approx(right.mean(), abs=0.03)


def test_constant_features_count_for_nothing() -> None:
    x, y = blobs(100, 6, 2)
    more = np.concatenate([x, np.zeros((100, 1)), np.full((100, 1), 1e4)], axis=1).astype(np.float32)
    head, plain = train_linear(more, y, 2), train_linear(x, y, 2)
    assert np.abs(head.layers[0].kernel[6:]).max() < 1e-6
    np.testing.assert_allclose(head.probabilities(more), plain.probabilities(x), atol=1e-3)


def test_balanced_counts_every_class_the_same() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(3000) < 0.08).astype(np.int64)
    x = (rng.normal(size=(3000, 5)) + 0.6 * y[:, None]).astype(np.float32)
    plain, balanced = train_linear(x, y, 2), train_linear(x, y, 2, balanced=True)
    score = [balanced_accuracy_score(y, h.probabilities(x).argmax(axis=1)) for h in (plain, balanced)]
    assert score[1] > score[0] + 0.1
    assert plain.probabilities(x)[:, 1].mean() == pytest.approx(y.mean(), abs=0.02)
    same = train_linear(x, y, 2, weights=class_weights(y, 2))
    assert (same.probabilities(x) == balanced.probabilities(x)).all()


@given(st.lists(st.integers(0, 4), min_size=5, max_size=50))
def test_weights_of_classes_sum_to_the_same_and_average_one(labels: list[int]) -> None:
    y = np.unique(np.array(labels), return_inverse=True)[1].astype(np.int64)
    weights = class_weights(y, int(y.max()) + 1)
    totals = np.bincount(y, weights=weights[y])
    np.testing.assert_allclose(totals, totals[0])
    assert weights[y].mean() == pytest.approx(1.0)


@pytest.mark.parametrize("counts", [(1, 1), (1, 5), (2, 2), (1, 1, 1), (3, 2, 9)])
def test_tiny_classes_still_give_a_head(counts: tuple[int, ...]) -> None:
    y = np.repeat(np.arange(len(counts)), counts)
    x = (np.eye(len(counts))[y] * 5 + np.random.default_rng(0).normal(size=(len(y), len(counts)))).astype(
        np.float32
    )
    head = train_linear(x, y, len(counts))
    assert np.isfinite(head.probabilities(x)).all()
    assert head.chosen["folds"] == (min(counts) if min(counts) > 1 else 0)
    if min(counts) == 1:
        assert head.chosen["temperature"] == 1.0


def test_groups_reach_the_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = blobs(120, 4, 2)
    groups = np.arange(120) // 3
    seen = []
    original = linear.make_folds
    monkeypatch.setattr(linear, "make_folds", lambda *a: seen.extend(original(*a)) or seen)
    train_linear(x, y, 2, groups=groups)
    assert len(seen) == 5
    assert all(not set(groups[train]) & set(groups[held]) for train, held in seen)


def test_copies_in_one_group_do_not_make_it_overconfident() -> None:
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(60, 100)), 4, axis=0).astype(np.float32)
    y = np.repeat(np.arange(60) % 2, 4).astype(np.int64)
    fresh = rng.normal(size=(500, 100)).astype(np.float32)
    kept = train_linear(x, y, 2, groups=np.repeat(np.arange(60), 4))
    torn = train_linear(x, y, 2)
    # Labels are noise: nothing but a coin's confidence is honest.
    assert kept.probabilities(fresh).max(axis=1).mean() < 0.6 < torn.probabilities(fresh).max(axis=1).mean()


def test_repeats_to_the_last_bit() -> None:
    x, y = blobs(200, 20, 3)
    first, again = train_linear(x, y, 3, seed=5), train_linear(x, y, 3, seed=5)
    assert (first.layers[0].kernel == again.layers[0].kernel).all()
    assert first.chosen == again.chosen


@pytest.mark.parametrize(("labels", "classes"), [([0, 0, 0], 1), ([0, 0, 0], 2), ([0, 2, 2], 3)])
def test_a_class_without_pictures_is_an_error_with_counts(labels: list[int], classes: int) -> None:
    with pytest.raises(HeadError, match="counts"):
        train_linear(np.zeros((3, 2), np.float32), np.array(labels), classes)
