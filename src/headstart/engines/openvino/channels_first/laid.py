"""Values together with the Transpose that is owed on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import openvino as ov
from openvino import opset13 as ops

Order = tuple[int, ...]


@dataclass(frozen=True)
class Laid:
    """A value of the exported graph as the rewritten graph holds it.

    Attributes:
        base: What the rewritten graph computes.
        order: The value is `base` transposed by this order; axis i of the value is axis order[i] of `base`.
    """

    base: ov.Output
    order: Order

    @property
    def owes(self) -> bool:
        """Whether the value differs from its base."""
        return self.order != identity(len(self.order))


def identity(rank: int) -> Order:
    """The order that changes nothing."""
    return tuple(range(rank))


def inverse(order: Order) -> Order:
    """The order that undoes another."""
    return tuple(order.index(axis) for axis in range(len(order)))


def then(first: Order, second: Order) -> Order:
    """The one order that does what transposing by `first` and then by `second` does."""
    return tuple(first[axis] for axis in second)


def key(output: ov.Output) -> tuple[str, int]:
    """A name for an output that is unique in the process."""
    return output.get_node().get_name(), output.get_index()


def rank(output: ov.Output) -> int:
    """Number of axes; -1 where it is not fixed."""
    found = output.get_partial_shape().rank
    return int(found.get_length()) if found.is_static else -1


def constant(output: ov.Output) -> np.ndarray | None:
    """The value of a constant, or None where the value depends on the input."""
    node = output.get_node()
    return np.asarray(node.data) if node.get_type_name() == "Constant" else None


def integers(values: Sequence[int] | np.ndarray) -> ov.Output:
    """A constant of whole numbers."""
    return ops.constant(np.asarray(values, np.int64)).output(0)


class Ledger:
    """What every value of the exported graph has become, and how to have it in another order."""

    def __init__(self) -> None:
        self._laid: dict[tuple[str, int], Laid] = {}
        self._made: dict[tuple[tuple[str, int], Order], ov.Output] = {}

    def __getitem__(self, output: ov.Output) -> Laid:
        return self._laid.get(key(output)) or Laid(output, identity(max(0, rank(output))))

    def __setitem__(self, output: ov.Output, laid: Laid) -> None:
        self._laid[key(output)] = laid

    def paid(self, laid: Laid) -> ov.Output:
        """The value itself, with the Transpose that it owed."""
        return self._transposed(laid.base, laid.order)

    def ordered(self, laid: Laid, order: Order) -> ov.Output:
        """What gives the value when transposed by `order`; free where the value owes just that."""
        return self._transposed(laid.base, then(laid.order, inverse(order)))

    def _transposed(self, base: ov.Output, order: Order) -> ov.Output:
        if order == identity(len(order)):
            return base
        name = (key(base), order)
        if name not in self._made:
            self._made[name] = _transpose(base, order)
        return self._made[name]


def _transpose(base: ov.Output, order: Order) -> ov.Output:
    fixed = constant(base)
    if fixed is not None:
        return ops.constant(np.ascontiguousarray(fixed.transpose(order))).output(0)
    shape = base.get_partial_shape()
    if shape.is_static:
        lengths = [int(length) for length in base.get_shape()]
        moved = [axis for axis in order if lengths[axis] != 1]
        if moved == sorted(moved):
            # Only axes of length 1 change place: the same bytes under another shape.
            return ops.reshape(base, integers([lengths[axis] for axis in order]), False).output(0)
    return ops.transpose(base, integers(order)).output(0)
