"""Batch normalisation, which acts on axis 1 and treats all axes after it alike."""

from __future__ import annotations

import openvino as ov

from headstart.engines.openvino.channels_first.laid import Laid, Ledger
from headstart.engines.openvino.channels_first.rules.connect import inputs, reconnected


def batch_norm(node: ov.Node, ledger: Ledger) -> list[Laid] | None:
    """Works in any order that leaves the channels on axis 1; Keras's backend swaps height and width here."""
    laid, *statistics = inputs(node, ledger)
    if laid.order[1] != 1 or any(statistic.owes for statistic in statistics):
        return None
    return reconnected(node, {0: laid.base}, laid.order)
