"""Batch normalisation in a live model: which layers use the statistics of the batch, and when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.probes.untouched import value_of


def norms(layers: Iterable[Any]) -> list[Any]:
    """The layers of batch normalisation among some."""
    return [layer for layer in layers if type(layer).__name__ == "BatchNormalization" and layer.built]


def on_batch_statistics(model: Any, x: Any, layers: list[Any], training: bool) -> list[Any]:
    """Which of some normalisation layers use the batch's own statistics when the model runs on x.

    Told from their moving averages: only such a layer moves them. They are put back.
    """
    kept = [(layer, value_of(layer.moving_mean), value_of(layer.moving_variance)) for layer in layers]
    try:
        model(x, training=training)
        return [
            layer
            for layer, mean, variance in kept
            if not (
                np.array_equal(value_of(layer.moving_mean), mean)
                and np.array_equal(value_of(layer.moving_variance), variance)
            )
        ]
    finally:
        for layer, mean, variance in kept:
            layer.moving_mean.assign(mean)
            layer.moving_variance.assign(variance)
