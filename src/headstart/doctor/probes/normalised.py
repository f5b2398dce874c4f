"""Whether a backbone normalises by the statistics of each batch, and what that does to its features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.reaching import reaching
from headstart.doctor.views.model import Backbone, every_layer
from headstart.doctor.views.normalising import norms, on_batch_statistics

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

MOST = 8
"""Pictures that are compared, in one batch as the script has it if that is smaller."""


@dataclass(frozen=True)
class Normalised:
    """One backbone with batch normalisation.

    Attributes:
        backbone: The net.
        training: Its normalisation layers that use the batch's statistics while the model is trained.
        inference: Those that use them when the model only answers.
        batch_size: Rows of a batch, as the script has it.
        shift: How far a batch's features by its own statistics lie from those by the averages, in lengths
            of the spread between pictures; None where it could not be measured.
    """

    backbone: Backbone
    training: tuple[Any, ...]
    inference: tuple[Any, ...]
    batch_size: int | None
    shift: float | None


def measure(case: Case) -> tuple[Normalised, ...]:
    """One entry a backbone of which some normalisation layer uses the batch's statistics."""
    flow = case.probes.flow
    found = []
    few = take_rows(flow.x, slice(0, 2))
    for backbone in case.backbones:
        layers = norms(every_layer(backbone.model))
        if not layers or case.train is None:
            continue
        training = on_batch_statistics(case.model, few, layers, True)
        if not training:
            continue
        inference = on_batch_statistics(case.model, few, layers, False)
        shift = None if backbone.stand_in or not backbone.nested else _shift(case, backbone)
        size = case.train.batch_size
        found.append(Normalised(backbone, tuple(training), tuple(inference), size, shift))
    return tuple(found)


def _shift(case: Case, backbone: Backbone) -> float | None:
    assert case.train is not None
    flow = case.probes.flow
    rows = take_rows(flow.x, slice(0, max(2, min(MOST, case.train.batch_size or MOST))))
    try:
        pixels = reaching(case, backbone, rows)
    except ProbeError:
        return None
    by_average = _flat(backbone.model(pixels, training=False))
    by_batch = _flat(backbone.model(pixels, training=True))
    spread = float(np.linalg.norm(by_average - by_average.mean(axis=0)))
    return float(np.linalg.norm(by_batch - by_average)) / spread if spread > 0 else None


def _flat(features: Any) -> Array:
    array = np.asarray(to_numpy(features))
    return array.reshape(len(array), -1)
