"""What reaches the first layer with weights of its own, after all that the script does to its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.probes.flow import Pass

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
LOOKUPS = ("Embedding", "Hashing", "CategoryEncoding", "StringLookup", "IntegerLookup", "TextVectorization")


def first_weights(case: Case) -> Pass | None:
    """The first layer with trainable weights that was called, normalising layers and lookups included.

    None where the model has several inputs: which layer is first says nothing then.
    """
    if case.train is None or not isinstance(case.train.x, np.ndarray):
        return None
    for done in case.probes.flow.passes:
        layer = done.layer
        if type(layer).__name__ in (*LOOKUPS, "Normalization") or _has_own(layer):
            return done
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
