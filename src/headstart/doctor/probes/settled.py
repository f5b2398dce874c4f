"""The trained model at the end of a run, asked about the same rows in training and in inference mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.settling import Settling, compare, kept, planned
from headstart.doctor.views.normalising import norms

if TYPE_CHECKING:
    from headstart.doctor.case import Case


def measure(case: Case) -> Settling:
    """Asks about the rows that were seen before the last fit."""
    layers = [layer for layer in norms(case.layers) if layer.trainable]
    steps = planned(case)
    if case.train is None or case.train.y is None or not layers or steps is None:
        raise ProbeError("there is nothing to ask")
    optimizer = case.optimizer
    taken = int(optimizer.iterations) if optimizer is not None else steps
    return compare(case, taken, kept(layers, taken), case.train.x, case.train.y)
