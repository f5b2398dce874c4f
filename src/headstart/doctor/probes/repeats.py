"""Does a row come the same in every epoch? Asked of the source, and of the layers before a backbone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.peek import Sample, batch_of, batches_of, take_rows
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.reaching import reaching

if TYPE_CHECKING:
    from headstart.doctor.case import Case


@dataclass(frozen=True)
class Repeats:
    """What is random between two epochs.

    Attributes:
        source: Whether the source gives the same rows again; None where that cannot be told without
            using it up.
        layers: Whether what reaches the backbones in training mode is the same twice.
    """

    source: bool | None
    layers: bool

    @property
    def both(self) -> bool:
        """Whether a row reaches the backbones the same in every epoch, as far as can be told."""
        return self.source is True and self.layers


def measure(case: Case) -> Repeats:
    """Looks at the source a second time, and sends a few rows through in training mode twice."""
    train = case.train
    if train is None or not train.batches:
        raise ProbeError("no data was seen")
    return Repeats(_source(train), _layers(case))


def _source(train: Sample) -> bool | None:
    if train.kind == "arrays":
        return True
    if train.kind == "tf.data":
        from headstart.doctor.capture.patches import tfdata
        from headstart.doctor.capture.pipeline import detached

        copies = [detached(train.source, shuffled=False) for _ in range(2)]
        if any(copy is train.source for copy in copies):
            return None
        # Not by `peek`: it puts the random generators back each time, and what draws from them would repeat.
        with tfdata.peeking():
            first, second = (batch_of(next(iter(copy))) for copy in copies)
    elif train.kind == "pydataset":
        first, second = batches_of(train.source, (0, 0))
    else:
        return None
    return _same(first.x, second.x)


def _same(first: Any, second: Any) -> bool:
    if isinstance(first, dict):
        return all(_same(first[key], second[key]) for key in first)
    if isinstance(first, list | tuple):
        return all(_same(a, b) for a, b in zip(first, second, strict=True))
    return first.shape == second.shape and bool(np.array_equal(first, second))


def _layers(case: Case) -> bool:
    assert case.train is not None
    x = take_rows(case.train.x, case.rows(16))
    seen = [reaching(case, backbone, x, training=True) for backbone in case.backbones for _ in range(2)]
    return all(np.array_equal(a, b) for a, b in zip(seen[::2], seen[1::2], strict=True))
