"""Reshapes that only add or drop axes of length 1."""

from __future__ import annotations

import openvino as ov
from openvino import opset13 as ops

from headstart.engines.openvino.channels_first.laid import Laid, Ledger, integers


def reshape(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Lays the result's longer axes out as they lie in the base; those of length 1 keep their place.

    Squeeze and Unsqueeze are reshapes, too.
    """
    laid = ledger[node.input_value(0)]
    result = node.output(0)
    if not (laid.base.get_partial_shape().is_static and result.get_partial_shape().is_static):
        return None
    before = [int(length) for length in laid.base.get_shape()]
    after = [int(length) for length in result.get_shape()]
    long_before = [axis for axis in laid.order if before[axis] != 1]
    long_after = [axis for axis, length in enumerate(after) if length != 1]
    if [before[axis] for axis in long_before] != [after[axis] for axis in long_after]:
        return None
    # Position i of `ranked` is the value's axis that comes i-th in the base; short axes keep their place.
    ranked = [axis for _, axis in sorted(zip(long_before, long_after, strict=True))]
    queue = iter(ranked)
    placed = [axis if after[axis] == 1 else next(queue) for axis in range(len(after))]
    order = tuple(placed.index(axis) for axis in range(len(after)))
    made = ops.reshape(laid.base, integers([after[axis] for axis in placed]), False)
    return [Laid(made.output(0), order)]
