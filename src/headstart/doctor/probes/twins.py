"""Rows or files of the validation data that stand in the training data too, byte for byte."""

from __future__ import annotations

import hashlib
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import Sample, rows_of, take_rows, to_numpy
from headstart.doctor.probes import ProbeError
from headstart.doctor.views.data_steps import steps

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

ROWS = 20_000
BYTES = 256 << 20
FILES = 4000
VARIED = 12
"""Different values from which a column is one that rows seldom agree in by chance."""


@dataclass(frozen=True)
class Twins:
    """What two sets share.

    Attributes:
        train, validation: Rows or files looked at on each side.
        shared: Those of the validation that stand in the training data.
        times: How often a training row occurs on average.
        rich: Whether rows have so much in them that two are not equal by chance.
        by: "content", "path" or "file content".
    """

    train: int
    validation: int
    shared: int
    times: float
    rich: bool
    by: str

    @property
    def share(self) -> float:
        """The share of the validation that stands in the training data."""
        return self.shared / max(1, self.validation)


def measure(case: Case) -> Twins:
    """Compares files where both sides have them, else rows."""
    train = case.train
    if train is None or not train.batches:
        raise ProbeError("no data was seen")
    if case.validation is not None:
        files = [files_of(case, sample.source) for sample in (train, case.validation)]
        if files[0] and files[1]:
            return _of_files(files[0], files[1])
        _refuse_common_shuffle(case, train, case.validation)
        return _of_rows(_rows(case, train), _rows(case, case.validation))
    split = case.fit_argument("validation_split", 0.0) or 0.0
    if train.whole is None or not 0 < split < 1:
        raise ProbeError("there is no validation data to compare with")
    rows = _as_matrices(train.whole[0])
    at = math.floor(len(rows[0]) * (1 - split))
    return _of_rows([part[:at] for part in rows], [part[at:] for part in rows])


def _refuse_common_shuffle(case: Case, train: Sample, validation: Sample) -> None:
    """A shuffle above both sides is drawn anew for each sample, which would make the two look mixed."""
    one, other = (steps(case.trace, s.source) if s.kind == "tf.data" else [] for s in (train, validation))
    met = {id(step.dataset) for step in one}
    if any(step.name.startswith("shuffle") and id(step.dataset) in met for step in other):
        raise ProbeError("the two sides are cut from one shuffled pipeline")


def files_of(case: Case, source: Any) -> list[str]:
    """The files behind a folder loader's data set or iterator, through `tf.data` steps."""
    for name in ("file_paths", "filepaths"):
        found = getattr(source, name, None)
        if found:
            return [str(path) for path in found]
    for step in steps(case.trace, source):
        found = getattr(step.dataset, "file_paths", None)
        if found:
            return [str(path) for path in found]
    return []


def _of_files(train: list[str], validation: list[str]) -> Twins:
    one, other = ({os.path.realpath(path) for path in paths} for paths in (train, validation))
    same = len(one & other)
    if same or len(one) > FILES or len(other) > FILES:
        return Twins(len(one), len(other), same, 1.0, True, "path")
    sizes = [{path: _file_size(path) for path in paths} for paths in (one, other)]
    alike = set(sizes[0].values()) & set(sizes[1].values())
    names = [[path for path in side if side[path] in alike and side[path] > 0] for side in sizes]
    if sum(side[path] for side, paths in zip(sizes, names, strict=True) for path in paths) > BYTES:
        return Twins(len(one), len(other), 0, 1.0, True, "path")
    codes = [_file_hash(path) for path in names[0]]
    known = set(codes)
    shared = sum(_file_hash(path) in known for path in names[1])
    times = len(codes) / max(1, len(known))
    return Twins(len(one), len(other), shared, times, True, "file content")


def _file_size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return -1


def _file_hash(path: str) -> bytes:
    return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).digest()


def _rows(case: Case, sample: Sample) -> list[Array]:
    if sample.whole is not None:
        return _as_matrices(sample.whole[0])
    if sample.kind == "tf.data":
        found = steps(case.trace, sample.source)
        roots = [step for step in found if step.name == "tensor_slice"]
        keep = ("batch", "shuffle", "prefetch", "cache", "options", "repeat")
        kept = all(step.name in keep for step in found[:-1])
        event = roots[0].event if len(roots) == 1 and kept else None
        tensors = event.arguments.get("tensors") if event is not None else None
        if isinstance(tensors, tuple) and len(tensors) >= 2:
            return _as_matrices(tensors[0])
    if not sample.batches:
        raise ProbeError("no data was seen")
    return _as_matrices(sample.x)


def _as_matrices(x: Any) -> list[Array]:
    if isinstance(x, dict):
        return [part for value in x.values() for part in _as_matrices(value)]
    if isinstance(x, list | tuple) and x and not np.isscalar(x[0]):
        return [part for value in x for part in _as_matrices(value)]
    n = min(rows_of(x), ROWS)
    array = np.ascontiguousarray(to_numpy(take_rows(x, slice(0, n))))
    if array.dtype.kind not in "iufb" or array.nbytes > BYTES:
        raise ProbeError("the rows are no numbers, or too many")
    return [array.reshape(len(array), -1)]


def _of_rows(train: list[Array], validation: list[Array]) -> Twins:
    if len(train) != len(validation) or any(
        a.shape[1] != b.shape[1] for a, b in zip(train, validation, strict=True)
    ):
        raise ProbeError("the two sides have other shapes")
    kinds = [np.result_type(a, b) for a, b in zip(train, validation, strict=True)]
    one, other = (
        _hashes([part.astype(kind, copy=False) for part, kind in zip(side, kinds, strict=True)])
        for side in (train, validation)
    )
    known = set(one)
    shared = sum(code in known for code in other)
    times = len(one) / max(1, len(known))
    return Twins(len(one), len(other), shared, times, _rich(train), "content")


def _hashes(parts: list[Array]) -> list[bytes]:
    # Rows without content, all of one value, are alike without being the same.
    told = np.zeros(len(parts[0]), bool)
    for part in parts:
        told |= np.ptp(part, axis=1) > 0
    rows = np.flatnonzero(told)
    return [
        hashlib.blake2b(b"".join(part[i].tobytes() for part in parts), digest_size=16).digest() for i in rows
    ]


def _rich(parts: list[Array]) -> bool:
    columns = 0
    for part in parts:
        some = part[np.linspace(0, len(part) - 1, min(len(part), 400)).astype(int)]
        wide = some[:, :: max(1, some.shape[1] // 256)]
        for column in wide.T:
            counts = np.unique(column, return_counts=True)[1]
            # Two rows agree here by chance with the sum of the squared shares.
            columns += len(counts) > VARIED and float(((counts / len(column)) ** 2).sum()) < 0.2
    return columns >= 4
