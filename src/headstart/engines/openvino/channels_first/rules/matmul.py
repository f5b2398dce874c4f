"""Dense layers on the channels of a picture."""

from __future__ import annotations

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from headstart.engines.openvino.channels_first.laid import Laid, Ledger, constant

CHANNELS_LAST = (0, 2, 3, 1)


def matmul(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """A Dense layer at each place of a picture is a convolution with a kernel of 1 x 1."""
    laid = ledger[node.input_value(0)]
    weights = constant(node.input_value(1))
    settled = node.get_attributes()
    if laid.order != CHANNELS_LAST or weights is None or weights.ndim != 2 or settled["transpose_a"]:
        return None
    kernel = weights if settled["transpose_b"] else weights.T
    made = ops.convolution(
        laid.base,
        ops.constant(np.ascontiguousarray(kernel[:, :, None, None])),
        [1, 1],
        [0, 0],
        [0, 0],
        [1, 1],
    )
    return [Laid(made.output(0), CHANNELS_LAST)]
