"""Small steps that the rules share."""

from __future__ import annotations

import numpy as np
import openvino as ov

from headstart.engines.openvino.channels_first.laid import Laid, Ledger, Order, constant, integers


def inputs(node: ov.Node, ledger: Ledger) -> list[Laid]:
    """What the inputs of a node have become."""
    return [ledger[source] for source in node.input_values()]


def reconnected(node: ov.Node, sources: dict[int, ov.Output], order: Order) -> list[Laid]:
    """Connects inputs of a node anew; all of its outputs then owe `order`."""
    for index, source in sources.items():
        node.input(index).replace_source_output(source)
    node.validate_and_infer_types()
    return [Laid(output, order) for output in node.outputs()]


def fixed_axes(node: ov.Node, index: int, rank: int) -> list[int] | None:
    """The axes that input `index` names, counted from 0; None where they are not constant."""
    if len(node.inputs()) <= index:
        return None
    named = constant(node.input_value(index))
    return None if named is None else [int(axis) % rank for axis in np.atleast_1d(named)]


def renamed(node: ov.Node, index: int, axes: list[int], order: Order) -> ov.Output:
    """The same axes as `base` counts them, in the shape that input `index` has now."""
    shape = [int(length) for length in node.input_value(index).get_shape()]
    return integers(np.asarray([order[axis] for axis in axes]).reshape(shape))
