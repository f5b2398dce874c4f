"""The small network on features."""

from __future__ import annotations

import importlib.util
import math
import random

import numpy as np
import pytest

from headstart.core import backend
from headstart.core import rows as limits
from headstart.core.errors import EngineError
from headstart.core.rows import Rows
from headstart.heads import mlp
from headstart.heads.linear import train_linear
from headstart.heads.mlp import PATIENCE, train_mlp
from headstart.heads.records import Epoch
from headstart.heads.temperature import log_loss

HAVE = any(importlib.util.find_spec(name) for name in ("tensorflow", "torch", "jax"))


def _exclusive_or(n: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(3, 2, size=(n, 6)).astype(np.float32)
    return x, ((x[:, 0] > 3) ^ (x[:, 1] > 3)).astype(np.int64)


needs_gradients = pytest.mark.skipif(not HAVE, reason="no backend with gradients is installed")


@pytest.mark.gradients
@needs_gradients
def test_it_learns_what_a_line_cannot_and_repeats() -> None:
    x, y = _exclusive_or(600)
    xv, yv = x[400:], y[400:]
    backend.ensure(gradients=True)  # Its import draws random numbers, before anything of ours.
    legacy, python = np.random.get_state()[1].copy(), random.getstate()
    head = train_mlp(x[:400], y[:400], 2, validation=(xv, yv), epochs=30)
    assert (np.random.get_state()[1] == legacy).all()
    assert random.getstate() == python
    accuracy = float((head.probabilities(xv).argmax(1) == yv).mean())
    line = train_linear(x[:400], y[:400], 2)
    assert accuracy > 0.85 > 0.7 > float((line.probabilities(xv).argmax(1) == yv).mean())
    again = train_mlp(x[:400], y[:400], 2, validation=(xv, yv), epochs=30)
    np.testing.assert_allclose(again.probabilities(xv), head.probabilities(xv), atol=1e-4)
    other = train_mlp(x[:400], y[:400], 2, validation=(xv, yv), epochs=2, seed=1)
    assert np.abs(other.probabilities(xv) - head.probabilities(xv)).max() > 1e-3


@pytest.mark.gradients
@needs_gradients
def test_its_layers_are_the_network_that_was_trained() -> None:
    import keras

    x, y = _exclusive_or(300)
    head = train_mlp(x[:200], y[:200], 2, validation=(x[200:], y[200:]), epochs=6)
    shapes = [(layer.kernel.shape, layer.activation, layer.dropout) for layer in head.layers]
    assert shapes == [((6, 256), "relu", 0.5), ((256, 64), "relu", 0.0), ((64, 2), "softmax", 0.0)]
    # Scaling and temperature are folded in: without the temperature, the loss is the best epoch's.
    logits = np.log(head.probabilities(x[200:])) * head.chosen["temperature"]
    best = head.epochs[int(head.chosen["best_epoch"]) - 1]
    assert log_loss(logits, y[200:]) == pytest.approx(best.val_loss, abs=1e-4)
    assert float((logits.argmax(axis=1) == y[200:]).mean()) == best.val_accuracy
    model = keras.Sequential(
        [keras.Input((6,)), *(keras.layers.Dense(len(la.bias), la.activation) for la in head.layers)]
    )
    model.set_weights([array for layer in head.layers for array in (layer.kernel, layer.bias)])
    np.testing.assert_allclose(model.predict(x, verbose=0), head.probabilities(x), atol=1e-5)


@pytest.mark.gradients
@needs_gradients
def test_it_stops_early_on_pictures_of_its_own_and_only_measures_the_callers() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 40)).astype(np.float32), rng.integers(0, 3, 300)
    told: list[Epoch] = []
    head = train_mlp(x, y, 3, validation=(x, y), epochs=60, on_epoch=told.append)
    # Noise is learnt by heart, so the training part itself would never have stopped it.
    assert len(head.epochs) == head.chosen["epochs"] < 60
    assert head.chosen["best_epoch"] == len(head.epochs) - PATIENCE
    assert tuple(told) == head.epochs
    assert [epoch.number for epoch in told] == list(range(1, len(told) + 1))
    blind = train_mlp(x, y, 3, validation=None, epochs=60)
    assert all(math.isnan(epoch.val_loss) and math.isnan(epoch.val_accuracy) for epoch in blind.epochs)
    np.testing.assert_allclose(blind.probabilities(x), head.probabilities(x), atol=1e-4)


@pytest.mark.gradients
@needs_gradients
def test_groups_weights_and_tiny_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    y = (np.arange(400) % 10 == 0).astype(np.int64)
    x = (rng.normal(size=(400, 5)) + 0.8 * y[:, None]).astype(np.float32)
    seen = []
    original = mlp.make_folds
    monkeypatch.setattr(mlp, "make_folds", lambda *a: seen.extend(original(*a)) or seen)
    groups = np.arange(400) // 4
    shares = []
    for balanced in (False, True):
        head = train_mlp(x, y, 2, validation=None, groups=groups, balanced=balanced, epochs=8)
        shares.append(float(head.probabilities(x)[:, 1].mean()))
    assert shares[1] > shares[0] + 0.15
    inner, held = seen[0]
    assert not set(groups[inner]) & set(groups[held])
    assert 0.1 <= len(held) / 400 <= 0.15
    monkeypatch.undo()
    tiny = train_mlp(x[:4], np.array([0, 0, 0, 1]), 2, validation=None, epochs=2)
    assert tiny.chosen["temperature"] == 1.0
    assert np.isfinite(tiny.probabilities(x)).all()


@pytest.mark.skipif(HAVE, reason="a backend with gradients is installed")
def test_without_a_backend_it_says_what_to_install() -> None:
    x, y = _exclusive_or(20)
    with pytest.raises(EngineError, match=r"tensorflow"):
        train_mlp(x, y, 2, validation=None)


@pytest.mark.gradients
@needs_gradients
def test_rows_beyond_memory_are_trained_on_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = _exclusive_or(600)
    whole = train_mlp(x[:400], y[:400], 2, validation=(x[400:], y[400:]), epochs=20)
    monkeypatch.setattr(limits, "HELD", 100)
    monkeypatch.setattr(limits, "BLOCK", 300)
    large = train_mlp(Rows.of(x[:400]), y[:400], 2, validation=(Rows.of(x[400:]), y[400:]), epochs=20)
    monkeypatch.undo()
    # Other orders of the same batches: not the same network, but as good a one.
    right = [float((h.probabilities(x[400:]).argmax(axis=1) == y[400:]).mean()) for h in (whole, large)]
    assert right[1] > right[0] - 0.06
    last = large.epochs[-1]
    assert last.accuracy > 0.75
    assert large.epochs[0].loss > last.loss
