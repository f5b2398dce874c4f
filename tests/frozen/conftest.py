"""Small models as users write them, and what the tests of this room ask of any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from headstart.core import backend

keras = backend.ensure()
L = keras.layers
SIDE = 10


def base(name: str = "base", dropout: float = 0.0, norm: bool = True) -> Any:
    """A small convolutional network with statistics that are not the initial ones."""
    entry = keras.Input((SIDE, SIDE, 3))
    x = L.Conv2D(4, 3, name="first")(entry)
    if norm:
        x = L.BatchNormalization(name="norm")(x)
    x = L.ReLU(name="bend")(x)
    if dropout:
        x = L.Dropout(dropout, name="drop")(x)
    x = L.Conv2D(6, 3, name="second")(x)
    model = keras.Model(entry, x, name=name)
    if norm:
        layer = model.get_layer("norm")
        layer.moving_mean.assign(np.linspace(-0.2, 0.3, 4))
        layer.moving_variance.assign(np.linspace(0.5, 1.5, 4))
    return model


def frozen_base(**how: Any) -> Any:
    model = base(**how)
    model.trainable = False
    return model


def pictures(n: int = 5, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, SIDE, SIDE, 3)).astype("float32")


@pytest.fixture(scope="session")
def make_base() -> Callable[..., Any]:
    return base


@pytest.fixture(scope="session")
def make_frozen() -> Callable[..., Any]:
    return frozen_base


@pytest.fixture(scope="session")
def make_pictures() -> Callable[..., np.ndarray]:
    return pictures


@pytest.fixture(scope="session")
def both_ways() -> Callable[..., float]:
    """Largest difference between model(x) and tail(trunk(x)), over all outputs."""

    def compare(model: Any, boundary: Any, flat: list[np.ndarray]) -> float:
        taken = [flat[at] for at in boundary.trunk_inputs]
        features = boundary.trunk(taken[0] if len(taken) == 1 else taken)
        listed = list(features) if isinstance(features, list | tuple) else [features]
        kept = [cut for cut in boundary.cuts if not cut.raw]
        crossing = {cut.name: tensor for cut, tensor in zip(kept, listed, strict=True)}
        names = [tensor.name for tensor in model.inputs]
        raw = {cut.name: flat[names.index(cut.source)] for cut in boundary.cuts if cut.raw}
        crossing |= {name: keras.ops.convert_to_tensor(array) for name, array in raw.items()}
        ours, whole = boundary.tail(crossing), model(flat[0] if len(flat) == 1 else flat)
        pairs = zip(keras.tree.flatten(ours), keras.tree.flatten(whole), strict=True)
        return max(float(np.max(np.abs(to_numpy(one) - to_numpy(other)))) for one, other in pairs)

    return compare


@pytest.fixture
def trainable_here() -> None:
    """Skips where the backend in use has no gradients."""
    if keras.backend.backend() not in backend.GRADIENT_BACKENDS:
        pytest.skip("needs KERAS_BACKEND=tensorflow, torch or jax, installed")


def to_numpy(tensor: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(tensor))
