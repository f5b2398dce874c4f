"""Does a row come the same in every epoch? Asked of the source, and of the layers before a backbone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.peek import batches_of
from headstart.doctor.capture.samples import Batch, Sample, batch_of, take_rows
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
    drawn = drawn_twice(train)
    return None if drawn is None else _same(drawn[0].x, drawn[1].x)


def drawn_twice(sample: Sample) -> tuple[Batch, Batch] | None:
    """The first batch as it comes in two epochs; None where it cannot be drawn without using it up.

    The random generators go on between the two, as they do in training: a copy that began with the same seeds
    would give the same again, however random it is.
    """
    if sample.kind == "tf.data":
        from headstart.doctor.capture.patches import tfdata
        from headstart.doctor.capture.pipeline import detached

        copy = detached(sample.source, shuffled=False)
        if copy is sample.source:
            return None
        # One iterator for both, and not by `peek`, which puts the random generators back each time.
        with tfdata.peeking():
            pair = [batch_of(item) for item in copy.take(1).repeat(2)]
    elif sample.kind == "pydataset":
        pair = list(batches_of(sample.source, (0, 0)))
    else:
        return None
    return (pair[0], pair[1]) if len(pair) == 2 else None


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
