"""Rows that stand in training and in validation alike, told by hashes of their content or by paths."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import Sample, rows_of, take_rows, to_numpy
from headstart.doctor.probes import ProbeError

if TYPE_CHECKING:
    from headstart.doctor.case import Case

MOST = 20_000
"""Rows of an array that are hashed."""


@dataclass(frozen=True)
class Overlap:
    """How much two sets share.

    Attributes:
        train, validation: Different rows or files looked at on each side.
        shared: How many stand on both sides.
        by: "content" or "path".
        same_object: Whether validation is the very object that training uses.
    """

    train: int
    validation: int
    shared: int
    by: str
    same_object: bool


def measure(case: Case) -> Overlap:
    """Compares paths where both sources know them, else contents."""
    train, validation = case.train, case.validation
    if train is None or validation is None:
        raise ProbeError("there is no validation data to compare with")
    same = validation.source is train.source
    paths = [
        getattr(sample.source, "file_paths", None) or _files(sample.source) for sample in (train, validation)
    ]
    if paths[0] and paths[1]:
        first, second = set(map(str, paths[0])), set(map(str, paths[1]))
        return Overlap(len(first), len(second), len(first & second), "path", same)
    one, other = _hashes(train), _hashes(validation)
    return Overlap(len(one), len(other), len(one & other), "content", same)


def _files(source: Any) -> Any:
    return getattr(source, "filepaths", None)


def _hashes(sample: Sample) -> set[bytes]:
    x = sample.whole[0] if sample.whole is not None else sample.x
    n = min(rows_of(x), MOST)
    rows = take_rows(x, slice(0, n))
    while isinstance(rows, dict | list | tuple):
        rows = next(iter(rows.values())) if isinstance(rows, dict) else rows[0]
    array = np.ascontiguousarray(to_numpy(rows))
    # Rows without content, all of one value, are alike without being the same.
    return {hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in array if np.ptp(row) > 0}
