"""Layers that change pictures at random in training: which they are, and whether one does anything."""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.probes.untouched import untouched
from headstart.doctor.views.model import every_layer

Array = np.ndarray[Any, Any]

OTHERS = ("AugMix", "CutMix", "MixUp", "RandAugment")
TRIES = 4
"""Draws after which a layer that changed nothing is taken to change nothing."""


def augments(layer: Any) -> bool:
    """Whether a layer is one of Keras's own that changes pictures at random."""
    name = type(layer).__name__
    keras_own = type(layer).__module__.startswith("keras.")
    return (
        keras_own
        and (name.startswith("Random") or name in OTHERS)
        and "preprocessing" in type(layer).__module__
    )


def augmenters(layer: Any) -> list[Any]:
    """The augmenting layers that a layer or a model is made of, itself included."""
    return [one for one in [layer, *every_layer(layer)] if augments(one)]


def drawn(layer: Any, pictures: Array) -> list[Array]:
    """What a layer makes of pictures in training mode, drawn a few times; its random state is put back."""
    state = [(g.state, np.array(to_numpy(g.state))) for g in _generators(layer)]
    try:
        with untouched():
            return [np.asarray(to_numpy(layer(pictures, training=True))) for _ in range(TRIES)]
    finally:
        for variable, value in state:
            variable.assign(value)


def _generators(layer: Any) -> list[Any]:
    found: list[Any] = []
    for one in [layer, *every_layer(layer)]:
        found.extend(getattr(one, "_seed_generators", []))
    return found


def changes(layer: Any, pictures: Array) -> bool:
    """Whether a layer, called in training mode, changes pictures at all."""
    return any(
        d.shape != pictures.shape or not np.allclose(d, pictures, atol=1e-6) for d in drawn(layer, pictures)
    )
