"""The small network on features."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from headstart.core.errors import EngineError
from headstart.heads.linear import train_linear
from headstart.heads.mlp import train_mlp

HAVE = any(importlib.util.find_spec(name) for name in ("tensorflow", "torch", "jax"))


def _exclusive_or(n: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(3, 2, size=(n, 6)).astype(np.float32)
    return x, ((x[:, 0] > 3) ^ (x[:, 1] > 3)).astype(np.int64)


@pytest.mark.gradients
@pytest.mark.skipif(not HAVE, reason="no backend with gradients is installed")
def test_it_learns_what_a_line_cannot_and_repeats() -> None:
    x, y = _exclusive_or(600)
    xv, yv = x[400:], y[400:]
    state = np.random.get_state()[1].copy()
    head = train_mlp(x[:400], y[:400], 2, validation=(xv, yv), epochs=30)
    assert (np.random.get_state()[1] == state).all()
    accuracy = float((head.probabilities(xv).argmax(1) == yv).mean())
    line = train_linear(x[:400], y[:400], 2)
    assert accuracy > 0.85 > 0.7 > float((line.probabilities(xv).argmax(1) == yv).mean())
    best = head.epochs[int(head.chosen["best_epoch"]) - 1]
    assert best.val_accuracy == pytest.approx(accuracy)
    again = train_mlp(x[:400], y[:400], 2, validation=(xv, yv), epochs=30)
    np.testing.assert_allclose(again.probabilities(xv), head.probabilities(xv), atol=1e-4)


@pytest.mark.skipif(HAVE, reason="a backend with gradients is installed")
def test_without_a_backend_it_says_what_to_install() -> None:
    x, y = _exclusive_or(20)
    with pytest.raises(EngineError, match=r"tensorflow"):
        train_mlp(x, y, 2, validation=None)
