"""Operations that act on each number by itself, with NumPy's broadcasting."""

from __future__ import annotations

import openvino as ov
from openvino import opset13 as ops

from headstart.engines.openvino.channels_first.laid import Laid, Ledger, Order, constant, rank
from headstart.engines.openvino.channels_first.rules.connect import inputs, reconnected

UNARY = (
    "Abs", "Acos", "Asin", "Atan", "Ceiling", "Clamp", "Convert", "Cos", "Elu", "Erf", "Exp", "Floor", "Gelu",
    "HSigmoid", "HSwish", "HardSigmoid", "Log", "LogicalNot", "Mish", "Negative", "Relu", "Round", "Selu",
    "Sigmoid", "Sign", "Sin", "SoftPlus", "SoftSign", "Sqrt", "Swish", "Tanh",
)  # fmt: skip

BROADCASTING = (
    "Add", "Divide", "Equal", "FakeQuantize", "FloorMod", "Greater", "GreaterEqual", "Less", "LessEqual",
    "LogicalAnd", "LogicalOr", "Maximum", "Minimum", "Mod", "Multiply", "NotEqual", "Power", "Select",
    "SquaredDifference", "Subtract",
)  # fmt: skip


def unary(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Activations and the like; further inputs (such as Swish's beta) must be single numbers."""
    laid, *settings = inputs(node, ledger)
    if any(rank(setting.base) != 0 for setting in settings):
        return None
    return reconnected(node, {0: laid.base}, laid.order)


def broadcasting(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Brings all inputs to the order that the first of them owes."""
    if node.get_attributes().get("auto_broadcast", "numpy") != "numpy":
        return None
    values = inputs(node, ledger)
    order = next(laid.order for laid in values if laid.owes)
    sources = [aligned(laid, order, ledger) for laid in values]
    if any(source is None for source in sources):
        return None
    return reconnected(node, {i: s for i, s in enumerate(sources) if s is not None}, order)


def aligned(laid: Laid, order: Order, ledger: Ledger) -> ov.Output | None:
    """An operand such that it meets the same numbers in the base's order; None where that cannot be told."""
    axes = len(laid.order)
    if axes > len(order) or rank(laid.base) < 0:
        return None
    fixed = constant(laid.base)
    if fixed is not None:
        if fixed.size == 1:
            return laid.base
        # NumPy's rule: missing axes are leading ones, of length 1.
        full = fixed.reshape((1,) * (len(order) - axes) + fixed.shape)
        spread = ops.constant(full).output(0)
        return ledger.ordered(Laid(spread, tuple(range(len(order)))), order)
    if axes == len(order):
        return ledger.ordered(laid, order)
    return laid.base if axes == 0 else None
