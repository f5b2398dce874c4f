"""The rows of a short training: which, in which order, with which weights and on which scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import bytes_of, rows_of, take_rows
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.stepping import MOST

if TYPE_CHECKING:
    from headstart.doctor.case import Case

ROWS = 1200
"""The most rows that are used, held-out ones included."""


def trial_rows(case: Case) -> tuple[Any, Any, Any]:
    """x, y and weights of the rows of a trial: of the whole where it is at hand, else of the sample."""
    train = case.train
    assert train is not None
    if train.whole is None or train.whole[1] is None:
        return train.x, train.y, train.weight
    x, y = train.whole
    n = rows_of(x)
    weight = case.fit_argument("sample_weight")
    row = max(1, bytes_of(take_rows(x, slice(0, 1))))
    most = max(64, min(ROWS, (64 << 20) // row))
    index = np.sort(np.random.default_rng(2).permutation(n)[:most])
    return take_rows(x, index), take_rows(y, index), take_rows(weight, index)


def trial_weights(case: Case, y: Any, weight: Any) -> Any:
    """The sample weights, those of `class_weight` included."""
    wanted = case.fit_argument("class_weight")
    if not isinstance(wanted, dict):
        return weight
    from headstart.doctor.case import class_ids

    ids = class_ids(y)
    if ids is None:
        return weight
    extra = np.array([float(wanted.get(int(i), 1.0)) for i in ids], dtype="float32")
    return extra if weight is None else np.asarray(weight, dtype="float32") * extra


def order_of(n: int, size: int, steps: int, seed: int) -> Any:
    """Rows of each step, of shape (MOST, rows of a step): shuffled anew in every round, steps of one size."""
    rng = np.random.default_rng(seed)
    size = min(size, n)
    order = np.zeros((MOST, size), dtype=np.int32)
    left: Any = np.arange(0)
    for step in range(steps):
        if len(left) < size:
            left = rng.permutation(n)
        order[step] = left[:size]
        left = left[size:]
    return order


def brought_to_scale(fit: tuple[Any, Any, Any], held: tuple[Any, Any, Any]) -> tuple[Any, Any]:
    """Both parts with inputs of mean 0 and spread 1, column by column.

    Raises:
        ProbeError: If the input is no single array of numbers.
    """
    x = fit[0]
    if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiu":
        raise ProbeError("the input is no single array of numbers")
    axes = tuple(range(x.ndim - 1)) if x.ndim > 1 else (0,)
    numbers = x.astype("float64")
    mean, std = numbers.mean(axis=axes), numbers.std(axis=axes)
    # A column that never changes, or hardly does, stays as it is.
    std = np.where(std > 1e-8, std, 1.0)

    def change(part: Any) -> Any:
        return ((part.astype("float64") - mean) / std).astype("float32")

    return (change(x), *fit[1:]), (change(held[0]), *held[1:])
