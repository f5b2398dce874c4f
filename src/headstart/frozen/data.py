"""From what a user gives `fit` as x to the flat list of a model's inputs, and from there to features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import HeadError
from headstart.frozen import keras_inside
from headstart.frozen.records import Boundary

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Entry:
    """The inputs that a model takes.

    Attributes:
        names: Their names, in the model's flat order.
        shapes: Their shapes without the batch axis; None where a size is free.
        as_dict: Whether the model itself was made with a dict of inputs.
    """

    names: tuple[str, ...]
    shapes: tuple[tuple[int | None, ...], ...]
    as_dict: bool

    @classmethod
    def of(cls, model: keras.Model) -> Entry:
        """Reads it from a model that has a graph."""
        graph = keras_inside.functional(model)
        assert graph is not None
        return cls(
            tuple(tensor.name for tensor in graph.inputs),
            tuple(tuple(tensor.shape[1:]) for tensor in graph.inputs),
            isinstance(keras_inside.structure(graph, "inputs"), dict),
        )

    def flat(self, x: Any) -> list[NDArray[Any]]:
        """The model's inputs in their flat order, as NumPy arrays.

        Raises:
            HeadError: If their number, names or shapes do not fit the model.
        """
        import keras

        if isinstance(x, dict) and not self.as_dict:
            missing = [name for name in self.names if name not in x]
            if missing:
                raise HeadError(
                    f"The model takes the inputs {', '.join(self.names)}",
                    f"x with the names {', '.join(map(str, x))}",
                    f"add {', '.join(missing)} to x",
                )
            leaves = [x[name] for name in self.names]
        else:
            leaves = keras.tree.flatten(x)
        if len(leaves) != len(self.names):
            raise HeadError(
                f"The model takes {len(self.names)} input{'s' if len(self.names) > 1 else ''}",
                f"x with {len(leaves)}",
                "give x one array for each of the model's inputs",
            )
        arrays = [as_numpy(leaf) for leaf in leaves]
        for array, name, shape in zip(arrays, self.names, self.shapes, strict=True):
            _check(array, name, shape)
        return arrays


def as_numpy(leaf: Any) -> NDArray[Any]:
    """Any backend's tensor, or what NumPy understands, as a NumPy array."""
    if isinstance(leaf, np.ndarray):
        return leaf
    if hasattr(leaf, "detach"):
        leaf = leaf.detach().cpu()
    return np.asarray(leaf)


def _check(array: NDArray[Any], name: str, shape: tuple[int | None, ...]) -> None:
    given = array.shape[1:]
    ranks = {len(shape), len(shape) - 1 if shape and shape[-1] == 1 else len(shape)}
    given_ranks = {len(given), len(given) - 1} if given and given[-1] == 1 else {len(given)}
    same = len(given) != len(shape) or all(
        want is None or want == got for want, got in zip(shape, given, strict=True)
    )
    if array.dtype == object or not ranks & given_ranks or not same:
        raise HeadError(
            f"The model's input '{name}' takes samples of shape {shape}",
            f"x with samples of shape {given} and type {array.dtype}",
            "resize or reshape x, or build the model for this shape",
        )


def trunk_arrays(boundary: Boundary, flat: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
    """The inputs that the trunk takes."""
    return [flat[position] for position in boundary.trunk_inputs]
