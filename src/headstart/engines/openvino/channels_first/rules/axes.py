"""Operations that name axes: the same axes, as the value's base counts them."""

from __future__ import annotations

import openvino as ov
from openvino import opset13 as ops

from headstart.engines.openvino.channels_first.laid import Laid, Ledger, constant
from headstart.engines.openvino.channels_first.rules.connect import fixed_axes, inputs, reconnected, renamed

REDUCTIONS = ("ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceL1", "ReduceL2")


def reduction(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Means, sums and extremes over axes."""
    laid = ledger[node.input_value(0)]
    axes = fixed_axes(node, 1, len(laid.order))
    if axes is None:
        return None
    kept = [laid.order[axis] for axis in range(len(laid.order)) if axis not in axes]
    keep_dims = bool(node.get_attributes()["keep_dims"])
    # Without the reduced axes, the others are counted anew.
    order = laid.order if keep_dims else tuple(sorted(kept).index(axis) for axis in kept)
    return reconnected(node, {0: laid.base, 1: renamed(node, 1, axes, laid.order)}, order)


def concat(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Concatenation, all parts brought to the order that the first of them owes."""
    parts = inputs(node, ledger)
    order = next(part.order for part in parts if part.owes)
    axis = int(node.get_attributes()["axis"]) % len(order)
    made = ops.concat([ledger.ordered(part, order) for part in parts], order[axis])
    return [Laid(made.output(0), order)]


def softmax(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Softmax over one axis."""
    laid = ledger[node.input_value(0)]
    axis = int(node.get_attributes()["axis"]) % len(laid.order)
    return [Laid(ops.softmax(laid.base, laid.order[axis]).output(0), laid.order)]


def split(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Split into parts along one axis."""
    laid = ledger[node.input_value(0)]
    axes = fixed_axes(node, 1, len(laid.order))
    if axes is None:
        return None
    return reconnected(node, {0: laid.base, 1: renamed(node, 1, axes, laid.order)}, laid.order)


def gather(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Picking along one axis, by constant indices in a row, such as a swap of channels."""
    laid = ledger[node.input_value(0)]
    picked = constant(node.input_value(1))
    axes = fixed_axes(node, 2, len(laid.order))
    if picked is None or picked.ndim != 1 or axes is None or node.get_attributes().get("batch_dims", 0):
        return None
    return reconnected(node, {0: laid.base, 2: renamed(node, 2, axes, laid.order)}, laid.order)


def interpolate(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Resizing and upsampling along named axes."""
    laid, *settings = inputs(node, ledger)
    settled = node.get_attributes()
    index = 3 if node.get_type_info().version_id in {"opset4", "extension"} else 2
    axes = fixed_axes(node, index, len(laid.order))
    pads = [*settled.get("pads_begin", []), *settled.get("pads_end", [])]
    if axes is None or any(pads) or any(setting.owes for setting in settings):
        return None
    return reconnected(node, {0: laid.base, index: renamed(node, index, axes, laid.order)}, laid.order)
