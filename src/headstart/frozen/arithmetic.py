"""One side of the boundary in numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from headstart.backbones.arithmetic import count_multiply_adds
from headstart.frozen import keras_inside
from headstart.frozen.records import Side

if TYPE_CHECKING:
    import keras


def side(model: keras.Model, operations: Iterable[Any]) -> Side:
    """Counts layers, parameters and multiply-adds of a trunk or a tail.

    Args:
        model: The trunk or the tail.
        operations: What it calls; a layer that is called twice counts once.
    """
    import keras

    leaves: dict[int, Any] = {}
    for operation in operations:
        if keras_inside.is_layer(operation):
            for part in keras_inside.parts(operation):
                if not isinstance(part, keras.Model | keras.layers.InputLayer):
                    leaves[id(part)] = part
    weights = {id(weight): weight for leaf in leaves.values() for weight in leaf.weights}
    parameters = sum(int(_size(weight.shape)) for weight in weights.values())
    return Side(len(leaves), parameters, _multiply_adds(model))


def _size(shape: Iterable[int]) -> int:
    total = 1
    for length in shape:
        total *= length
    return total


def _multiply_adds(model: keras.Model) -> int | None:
    try:
        return count_multiply_adds(model)
    except (ValueError, NotImplementedError):
        # Sizes that stay open, or a layer whose shapes cannot be told.
        return None
