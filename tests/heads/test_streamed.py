"""A fit in blocks sees what a fit to the whole matrix sees, and ends where that ends."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression

from headstart.core import rows as limits
from headstart.core.rows import Rows
from headstart.heads import large
from headstart.heads.linear import fit_at, train_linear
from headstart.heads.records import run_layers
from headstart.heads.standardise import measure_scaling
from headstart.heads.streamed import Objective, fit_streamed
from headstart.heads.temperature import log_loss


def blobs(
    n: int, width: int, classes: int, apart: float = 0.5, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    centres = rng.normal(size=(classes, width)) * apart
    x = (rng.normal(size=(n, width)) + centres[labels]) * 3 + 5
    return x.astype(np.float32), labels.astype(np.int64)


def nothing_held(monkeypatch: pytest.MonkeyPatch, numbers: int = 0, block: int = 700) -> None:
    monkeypatch.setattr(limits, "HELD", numbers)
    monkeypatch.setattr(limits, "BLOCK", block)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(2, 60), st.integers(1, 300))
def test_loss_and_gradient_are_those_of_the_whole_matrix_whatever_the_blocks(
    seed: int, classes: int, n: int, block: int
) -> None:
    rng = np.random.default_rng(seed)
    x, y = blobs(n, 6, classes, seed=seed)
    weights = rng.uniform(0.2, 3, n)
    scaling = measure_scaling(x)
    units = 1 if classes == 2 else classes
    at = rng.normal(size=(units, 7))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "BLOCK", block)
        rows = Rows.of(x)
        assert sum(s.stop - s.start for s in rows.blocks()) == n
        objective = Objective(rows, y, weights, classes, 0.3, scaling)
        loss, gradient = objective(at.ravel())

    def plain(flat: np.ndarray) -> float:
        own = flat.reshape(units, 7)
        logits = (x - scaling.mean) / scaling.deviation @ own[:, :-1].T + own[:, -1]
        if units == 1:
            logits = np.concatenate([0 * logits, logits], axis=1)
        losses = logsumexp(logits, axis=1) - logits[np.arange(n), y]
        return float(losses @ weights / weights.sum() + (own[:, :-1] ** 2).sum() / (2 * 0.3 * weights.sum()))

    assert loss == pytest.approx(plain(at.ravel()), rel=1e-5)
    steps = np.eye(at.size) * 1e-5
    expected = [(plain(at.ravel() + step) - plain(at.ravel() - step)) / 2e-5 for step in steps]
    np.testing.assert_allclose(gradient, expected, rtol=1e-3, atol=1e-4)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 7), st.integers(1, 50))
def test_moments_of_blocks_are_those_of_the_whole(seed: int, n: int, width: int, block: int) -> None:
    rng = np.random.default_rng(seed)
    x = (rng.normal(size=(n, width)) * 10 ** rng.uniform(-3, 3, width) + 1e4 * rng.normal(size=width)).astype(
        np.float32
    )
    x[:, 0] = 7.3
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "BLOCK", block)
        found = measure_scaling(Rows.of(x))
    whole = measure_scaling(x)
    np.testing.assert_allclose(found.mean, whole.mean, rtol=1e-9)
    np.testing.assert_allclose(found.deviation, whole.deviation, rtol=1e-6)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("strength", [1e-3, 0.1])
def test_the_minimum_is_scikit_learns(classes: int, strength: float) -> None:
    x, y = blobs(900, 20, classes)
    weights = np.linspace(0.5, 2, 900)
    scaling = measure_scaling(x)
    objective = Objective(Rows.of(x), y, weights, classes, strength, scaling)
    found = fit_streamed(objective, tolerance=1e-7, progress=1e-13)
    model = LogisticRegression(C=strength, tol=1e-9, max_iter=5000)
    model.fit((x - scaling.mean) / scaling.deviation, y, sample_weight=weights)
    np.testing.assert_allclose(found[:, :-1], model.coef_, atol=2e-4)
    own, its = found[:, -1], model.intercept_
    np.testing.assert_allclose(own - own.mean(), its - its.mean(), atol=2e-4) if classes > 2 else None
    again = fit_streamed(objective, found, tolerance=1e-5, iterations=1)
    np.testing.assert_allclose(again, found, atol=1e-6)


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("balanced", [False, True])
def test_a_head_beyond_memory_is_the_one_in_memory(
    classes: int, balanced: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = blobs(6000, 24, classes, apart=0.25)
    keep = (np.arange(6000) % 7 > 0) | (y > 0)
    x, y = x[keep], y[keep]
    train, rest = slice(0, 4000), slice(4000, None)
    whole = train_linear(x[train], y[train], classes, balanced=balanced)
    fixed = fit_at(x[train], y[train], classes, strength=0.01, balanced=balanced)
    nothing_held(monkeypatch, 24 * 2400)
    head = train_linear(x[train], y[train], classes, balanced=balanced)
    # A sample chooses a strength of its own, on which the loss hardly hangs.
    assert head.chosen["sampled"] == pytest.approx(1200, abs=10)
    losses = [log_loss(np.log(one.probabilities(x[rest])), y[rest]) for one in (head, whole)]
    assert losses[0] == pytest.approx(losses[1], abs=0.02)
    streamed = fit_at(x[train], y[train], classes, strength=0.01, balanced=balanced)
    np.testing.assert_allclose(streamed.probabilities(x[rest]), fixed.probabilities(x[rest]), atol=3e-3)
    same = train_linear(x[train], y[train], classes, balanced=balanced)
    assert (same.layers[0].kernel == head.layers[0].kernel).all()


def test_groups_are_sampled_once_and_held_out_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(300, 60)), 4, axis=0).astype(np.float32)
    y = np.repeat(np.arange(300) % 2, 4).astype(np.int64)
    groups = np.repeat(np.arange(300), 4)
    fresh = rng.normal(size=(500, 60)).astype(np.float32)
    nothing_held(monkeypatch, 60 * 400)
    kept = train_linear(x, y, 2, groups=groups)
    torn = train_linear(x, y, 2)
    assert kept.probabilities(fresh).max(axis=1).mean() < 0.6 < torn.probabilities(fresh).max(axis=1).mean()
    chosen = large._sample(y, groups, 100, rng)
    assert len(np.unique(groups[chosen])) == len(chosen) == 100


def test_rows_of_several_matrices_on_disk_are_read_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, y = blobs(500, 8, 2)
    on_disk = np.memmap(tmp_path / "x", np.float32, "w+", shape=x.shape)
    on_disk[:] = x
    rng = np.random.default_rng(0)
    some, others = rng.permutation(500)[:200], rng.permutation(500)[:100]
    both = Rows.joined([Rows.of(on_disk, some), Rows.of(x, others)])
    expected = np.concatenate([x[some], x[others]])
    assert (both.take() == expected).all()
    places = rng.integers(0, 300, 50)
    assert (both.take(places) == expected[places]).all()
    assert (both.some(np.arange(150, 250)).take() == expected[150:250]).all()
    labels = np.concatenate([y[some], y[others]])
    whole = train_linear(expected, labels, 2, strength=0.01)
    assert (train_linear(both, labels, 2, strength=0.01).layers[0].kernel == whole.layers[0].kernel).all()
    nothing_held(monkeypatch, block=80)
    answers = run_layers(whole.layers, both)
    np.testing.assert_allclose(answers, run_layers(whole.layers, expected), atol=1e-12)


def test_a_rare_class_comes_into_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = blobs(3000, 6, 2)
    y[:] = 0
    y[5::250] = 1
    nothing_held(monkeypatch, 6 * 300)
    head = train_linear(x, y, 2)
    assert head.probabilities(x)[:, 1].mean() == pytest.approx(y.mean(), abs=0.01)
