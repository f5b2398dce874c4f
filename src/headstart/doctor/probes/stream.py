"""The order and the shares of the classes, as the source gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.case import class_ids
from headstart.doctor.probes import ProbeError

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Stream:
    """Labels in order.

    Attributes:
        ids: Class ids in the order of the source; for arrays all of them, in the array's order.
        shares: Share of each class.
        longest_run: The most rows of one class in a row.
        expected_run: The same after shuffling these labels, the 99th of a hundred tries.
        ordered: Whether training sees them in this order (arrays are shuffled by `fit` unless told not to).
    """

    ids: Array
    shares: dict[int, float]
    longest_run: int
    expected_run: int
    ordered: bool


def measure(case: Case) -> Stream:
    """Reads the labels of the whole arrays, or of the batches that were seen."""
    train = case.train
    if train is None:
        raise ProbeError("no data was seen")
    y = to_numpy(train.whole[1]) if train.whole is not None and train.whole[1] is not None else train.y
    ids = class_ids(y)
    if ids is None or not len(ids):
        raise ProbeError("the targets are no classes")
    values, counts = np.unique(ids, return_counts=True)
    rng = np.random.default_rng(0)
    tries = sorted(longest_run(rng.permutation(ids)) for _ in range(100))
    ordered = train.ordered or case.fit_argument("shuffle", True) is False
    shares = {int(v): float(c / len(ids)) for v, c in zip(values, counts, strict=True)}
    return Stream(ids, shares, longest_run(ids), tries[98], ordered)


def longest_run(ids: Array) -> int:
    """The most equal values in a row."""
    if not len(ids):
        return 0
    edges = np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1], [True])))
    return int(np.diff(edges).max())
