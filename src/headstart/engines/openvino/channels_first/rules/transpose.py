"""Transposes: not carried out but owed."""

from __future__ import annotations

import openvino as ov

from headstart.engines.openvino.channels_first.laid import Laid, Ledger, constant, then


def transpose(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Adds a Transpose to what its input owes already; two that undo each other are gone."""
    order = constant(node.input_value(1))
    laid = ledger[node.input_value(0)]
    if order is None:
        return None
    axes = tuple(int(axis) for axis in order) or tuple(reversed(range(len(laid.order))))
    return [Laid(laid.base, then(laid.order, axes))]
