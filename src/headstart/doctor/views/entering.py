"""What reaches the first layer with weights of its own, after all that the script does to its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.probes.flow import Pass
from headstart.doctor.probes.untouched import value_of
from headstart.doctor.views.model import activation_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case

NORMS = (
    "BatchNormalization",
    "LayerNormalization",
    "GroupNormalization",
    "UnitNormalization",
    "RMSNormalization",
    "Normalization",
    "SpectralNormalization",
)
"""Layers after which the scale of what came in does not matter."""
BRIGHT = 100
"""A highest value below this is no picture of bytes."""
STUCK = 0.6
"""Share of a layer's outputs at their bounds from which it is stuck."""
LOOKUPS = ("Embedding", "Hashing", "CategoryEncoding", "StringLookup", "IntegerLookup", "TextVectorization")


def first_weights(case: Case) -> Pass | None:
    """The first layer with trainable weights that was called, normalising layers and lookups included.

    None where the model has several inputs: which layer is first says nothing then; `mixing` helps there.
    """
    if case.train is None or not isinstance(case.train.x, np.ndarray):
        return None
    passes: tuple[Pass, ...] = case.probes.flow.passes
    for done in passes:
        layer = done.layer
        if type(layer).__name__ in (*LOOKUPS, "Normalization") or _has_own(layer):
            return done
    return None


def mixing(case: Case) -> Pass | None:
    """The first layer with trainable weights behind the lookups of a model with several inputs."""
    if case.train is None or not isinstance(case.train.x, dict | list | tuple):
        return None
    for done in case.probes.flow.passes:
        if type(done.layer).__name__ not in LOOKUPS and _has_own(done.layer):
            return done  # type: ignore[no-any-return]
    return None


def _has_own(layer: Any) -> bool:
    """Whether a layer owns weights itself; a cell stands for the recurrent layer that holds it."""
    own = layer._trainable_variables
    if type(layer).__name__ in NORMS:
        own = own or layer._non_trainable_variables
    return bool(own)


def normalised(case: Case, first: Pass) -> bool:
    """Whether the layer itself, or one of the next two, makes the scale of the input irrelevant."""
    passes = case.probes.flow.passes
    at = next((i for i, p in enumerate(passes) if p is first), None)
    if at is None:
        return True
    return any(type(p.layer).__name__ in NORMS for p in passes[at : at + 3])


def is_picture(first: Pass) -> bool:
    """Whether pictures enter: four axes with 1, 3 or 4 channels, or rows of at least 64 flattened pixels."""
    shape = first.entered.shape if first.entered is not None else ()
    if len(shape) == 4:
        return shape[-1] in (1, 3, 4) and min(shape[1:3]) >= 8
    return len(shape) == 2 and shape[1] >= 64


def raw_pixels(first: Pass) -> bool:
    """Whether bytes of pictures enter, as they are or resized: pictures, or rows of flattened ones."""
    stats = first.entered
    if stats is None or not stats.finite or not is_picture(first):
        return False
    if not (stats.low >= 0 and BRIGHT <= stats.high <= 256 and stats.std > 8):
        return False
    if len(stats.shape) == 4:
        return True
    if first.input is None:
        return False
    if (first.input == np.round(first.input)).mean() > 0.99:
        return True
    # Other tables do not end at 255, with many columns that come near to it.
    return 254.5 < stats.high < 255.5 and bool((first.input.max(axis=0) > 200).mean() > 0.2)


def _answers(layer: Any, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(to_numpy(layer(rows.astype(np.float32))))


def at_bounds(first: Pass, scaled: np.ndarray[Any, Any]) -> dict[str, Any] | None:
    """Evidence that a layer of sigmoids or tanhs is at its bounds, and would not be for a scaled input.

    Args:
        first: The pass of a dense or convolutional layer.
        scaled: The same rows, scaled.

    Returns:
        None where most outputs are off the bounds, or would be at them anyhow.
    """
    activation = activation_of(first.layer)
    kernel = getattr(first.layer, "kernel", None)
    if activation not in ("sigmoid", "tanh") or kernel is None or first.input is None:
        return None
    if first.input.ndim == 4 and len(kernel.shape) == 4:
        given, better = _answers(first.layer, first.input[:8]), _answers(first.layer, scaled[:8])
    elif first.input.ndim == 2 and len(kernel.shape) == 2 and first.output is not None:
        sums = scaled @ value_of(kernel)
        given = first.output
        better = np.tanh(sums) if activation == "tanh" else 0.5 * (1 + np.tanh(sums / 2))
    else:
        return None
    low, high = (-1.0, 1.0) if activation == "tanh" else (0.0, 1.0)
    margin = 0.01 * (high - low)

    def stuck(values: np.ndarray[Any, Any]) -> float:
        return float(((values < low + margin) | (values > high - margin)).mean())

    share = stuck(given)
    if share < STUCK:
        return None
    free = stuck(better)
    if free > share / 3:
        return None
    return {
        f"outputs of the first layer at the bounds of {activation}": round(share, 3),
        "with scaled inputs": round(free, 3),
    }
