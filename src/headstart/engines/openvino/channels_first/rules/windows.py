"""Padding and cutting, which say something about every axis."""

from __future__ import annotations

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from headstart.engines.openvino.channels_first.laid import Laid, Ledger, Order, constant, integers
from headstart.engines.openvino.channels_first.rules.connect import fixed_axes, reconnected, renamed


def pad(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Padding with constant widths, in any mode."""
    laid = ledger[node.input_value(0)]
    before, after = constant(node.input_value(1)), constant(node.input_value(2))
    if before is None or after is None:
        return None
    widths = {1: _placed(before, laid.order), 2: _placed(after, laid.order)}
    return reconnected(node, {0: laid.base, **widths}, laid.order)


def slices(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Slices along named axes, or along the first ones where none are named."""
    laid = ledger[node.input_value(0)]
    if len(node.inputs()) == 5:
        axes = fixed_axes(node, 4, len(laid.order))
        if axes is None:
            return None
        return reconnected(node, {0: laid.base, 4: renamed(node, 4, axes, laid.order)}, laid.order)
    start, stop, step = (node.input_value(index) for index in (1, 2, 3))
    named = integers(laid.order[: int(start.get_shape()[0])])
    return [Laid(ops.slice(laid.base, start, stop, step, named).output(0), laid.order)]


def strided_slice(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Strided slices that neither add nor drop an axis."""
    laid = ledger[node.input_value(0)]
    settled = node.get_attributes()
    if any(any(settled.get(f"{name}_mask", [])) for name in ("new_axis", "shrink_axis", "ellipsis")):
        return None
    given = [constant(source) for source in node.input_values()[1:]]
    known = [part for part in given if part is not None]
    if len(known) < len(given):
        return None
    begin, end = known[0], known[1]
    strides = known[2] if len(known) > 2 else np.ones_like(begin)
    axes = len(laid.order)
    free = [1] * (axes - len(begin))
    masks = [
        _placed(np.asarray([*_mask(settled, name, len(begin)), *free]), laid.order).get_node().data.tolist()
        for name in ("begin", "end")
    ]
    parts = [
        _placed(np.asarray([*part.tolist(), *([fill] * len(free))]), laid.order)
        for part, fill in ((begin, 0), (end, 0), (strides, 1))
    ]
    made = ops.strided_slice(laid.base, *parts, begin_mask=masks[0], end_mask=masks[1])
    return [Laid(made.output(0), laid.order)]


def _mask(settled: dict[str, object], name: str, length: int) -> list[int]:
    mask = [int(bit) for bit in settled.get(f"{name}_mask", [])]  # type: ignore[attr-defined]
    return (mask + [0] * length)[:length]


def _placed(values: np.ndarray, order: Order) -> ov.Output:
    """One number an axis, in the order in which `base` has its axes."""
    placed = np.empty_like(values, dtype=np.int64)
    placed[list(order)] = values
    return integers(placed)
