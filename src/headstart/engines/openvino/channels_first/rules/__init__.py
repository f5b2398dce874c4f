"""One rule for each kind of operation: how it acts on values that owe a Transpose.

A rule is called with a node of which at least one input owes a Transpose. It connects the node (or one
that it makes instead) to what the ledger holds, and returns what the node's outputs have become; or it
returns None, and the node gets its inputs as the exported graph had them.
"""

from __future__ import annotations

from collections.abc import Callable

import openvino as ov

from headstart.engines.openvino.channels_first.laid import Laid, Ledger
from headstart.engines.openvino.channels_first.rules import (
    axes,
    batch_norm,
    elementwise,
    matmul,
    reshape,
    transpose,
    windows,
)

Rule = Callable[[ov.Node, Ledger], list[Laid] | None]

RULES: dict[str, Rule] = {
    **dict.fromkeys(elementwise.UNARY, elementwise.unary),
    **dict.fromkeys(elementwise.BROADCASTING, elementwise.broadcasting),
    **dict.fromkeys(axes.REDUCTIONS, axes.reduction),
    "BatchNormInference": batch_norm.batch_norm,
    "Concat": axes.concat,
    "Gather": axes.gather,
    "Interpolate": axes.interpolate,
    "MatMul": matmul.matmul,
    "Pad": windows.pad,
    "Reshape": reshape.reshape,
    "Slice": windows.slices,
    "Softmax": axes.softmax,
    "Split": axes.split,
    "Squeeze": reshape.reshape,
    "StridedSlice": windows.strided_slice,
    "Transpose": transpose.transpose,
    "Unsqueeze": reshape.reshape,
    "VariadicSplit": axes.split,
}
