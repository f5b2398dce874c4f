"""A check on data for layers that Keras does not vouch for: own layers, Lambda, plain operations.

What can be read of them says that they are frozen. Here they must show it: called for training, in another
batch and another order, they give each sample the same numbers, move no state and add no loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.frozen.records import Boundary
from headstart.frozen.runner import fitted

if TYPE_CHECKING:
    import keras

SAMPLES = 4
SIDE = 64
"""Length that stands in for a free axis of a made-up sample."""
TOLERANCE = 1e-3
"""Largest difference, as a share of the largest number, that rounding may explain."""


def doubt(boundary: Boundary, arrays: Sequence[NDArray[Any]] | None) -> str | None:
    """Why a trunk is not frozen after all, in a sentence, or None where nothing speaks against it.

    Args:
        boundary: A boundary that splits.
        arrays: The trunk's inputs; None makes some noise up.
    """
    if not boundary.unproven or boundary.trunk is None:
        return None
    import keras

    trunk = boundary.trunk
    given = [array[:SAMPLES] for array in arrays] if arrays is not None else _noise(trunk)
    samples = [fitted(array, tensor) for array, tensor in zip(given, trunk.inputs, strict=True)]
    names = ", ".join(f"'{name}'" for name in boundary.unproven)
    try:
        still, _, _ = _call(trunk, samples, training=False)
        others = [np.concatenate([array[:0:-1], array[-1:]]) for array in samples]
        moving, state, losses = _call(trunk, others, training=not boundary.augmenting)
    except Exception as error:
        return f"A trial of {names} failed ({type(error).__name__}), so nothing vouches for them"
    if losses:
        return f"One of {names} adds a loss when it is called"
    before = [keras.ops.convert_to_numpy(variable) for variable in trunk.non_trainable_variables]
    if any(not np.array_equal(old, new) for old, new in zip(before, state, strict=True)):
        return f"One of {names} changes its state when it is called for training"
    for one, other in zip(still, moving, strict=True):
        expected = np.concatenate([one[:0:-1], one[-1:]]).astype(np.float64)
        largest = float(np.max(np.abs(expected), initial=1e-12))
        if not float(np.max(np.abs(expected - other), initial=0.0)) <= TOLERANCE * largest:
            return f"One of {names} gives a sample other numbers in training, or in another batch"
    return None


def _noise(trunk: keras.Model) -> list[NDArray[Any]]:
    random = np.random.default_rng(0)
    return [
        random.uniform(0, 255, (SAMPLES, *(SIDE if size is None else size for size in tensor.shape[1:])))
        for tensor in trunk.inputs
    ]


def _call(
    trunk: keras.Model, samples: list[NDArray[Any]], training: bool
) -> tuple[list[NDArray[Any]], list[NDArray[Any]], list[Any]]:
    """Outputs, state and losses of one call that leaves the model as it is."""
    import keras

    outputs, state, losses = trunk.stateless_call(
        [variable.value for variable in trunk.trainable_variables],
        [variable.value for variable in trunk.non_trainable_variables],
        samples[0] if len(samples) == 1 else samples,
        training=training,
        return_losses=True,
    )
    listed = outputs if isinstance(outputs, list | tuple) else [outputs]
    return (
        [keras.ops.convert_to_numpy(output) for output in listed],
        [keras.ops.convert_to_numpy(value) for value in state],
        list(losses),
    )
