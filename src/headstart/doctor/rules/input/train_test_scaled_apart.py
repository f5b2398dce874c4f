"""Training and test data were scaled each by its own numbers.

What it is
    A scaler was fitted on the training rows, and another one, or the same again, on the test rows: both
    come out with mean 0 and spread 1 of their own.

Why it hurts
    The same measurement becomes another number in training and in testing. Any true shift between the two
    is wiped out, and what is measured on the test rows is not what a user of the model will get.

Wrong
    X_train = scaler.fit_transform(X_train); X_test = scaler.fit_transform(X_test)

Right
    X_train = scaler.fit_transform(X_train); X_test = scaler.transform(X_test)

How it was measured
    In both sets every column has mean 0 and spread 1, or lowest 0 and highest 1, to the last digit. Rows
    that were scaled by the training's numbers come near to that, but never to the digit.

When it is wrong
    Pictures and series that are standardised one by one, and sets that were scaled before the split, show
    no such digits in their columns.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines.inputs import assigned_at, name_given, visible
from headstart.doctor.lines.later_use import assigned_between, uses
from headstart.doctor.records import Finding, Place

NAME = "train-test-scaled-apart"
GROUP = "input"

EXPLAINS = ("val-other-distribution",)

Array = np.ndarray[Any, Any]

DISTINCT = 25
"""Values that a column must take at least: codes and flags have the same bounds everywhere."""
EXACT = 1e-5
FEWEST = 10
"""Rows of each set."""


def check(case: Case) -> Iterable[Finding]:
    """Compares the training rows with those of the validation and of later calls."""
    if case.train is None or case.train.whole is None or case.stage != "fit":
        return
    train = _table(case.train.whole[0])
    if train is None or (how := _own_scale(train)) is None:
        return
    for name, value, place in _others(case):
        other = _table(value)
        if other is None or other.shape[1] != train.shape[1] or value is case.train.whole[0]:
            continue
        if len(other) == len(train) and np.array_equal(other, train):
            continue
        if _own_scale(other) != how:
            continue
        numbers = "mean 0 and spread 1" if how == "standard" else "lowest 0 and highest 1"
        yield Finding(
            NAME,
            "warning",
            place,
            f"{name} was scaled by numbers of its own and not by those of the training data",
            {
                f"columns of the training data with {numbers} exactly": _count(train, how),
                f"columns of {name} with {numbers} exactly": _count(other, how),
                "columns": train.shape[1],
            },
            EXPLAINS,
            cost=0.05,
        )
        return


def _others(case: Case) -> Iterator[tuple[str, Any, Place | None]]:
    """Sets that the script judges the model by: the validation data, then arrays of calls after the fit."""
    given = case.fit_argument("validation_data")
    if isinstance(given, tuple | list) and len(given) >= 2:
        name = name_given(case, "validation_data")
        yield name or "the validation data", given[0], _place(case, name)
    bound: dict[str, Any] | None = None
    for use in uses(case):
        if isinstance(use.value, ast.Name) and not assigned_between(case, use.value.id, use):
            bound = visible(case) if bound is None else bound
            yield use.value.id, bound.get(use.value.id), _place(case, use.value.id)


def _place(case: Case, name: str | None) -> Place | None:
    found = assigned_at(case, name) if name is not None else None
    return found or (case.fit.place if case.fit is not None else None)


def _table(value: Any) -> Array | None:
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if not isinstance(value, np.ndarray) or value.ndim not in (2, 3) or value.dtype.kind != "f":
        return None
    columns = value.reshape(-1, value.shape[-1])
    if len(columns) < FEWEST or columns.shape[1] > 500 or columns.size > 20_000_000:
        return None
    return columns if np.isfinite(columns).all() else None


def _own_scale(columns: Array) -> str | None:
    """Whether at least two, and all, of the columns with many values have numbers that are exact."""
    rich = [
        i
        for i in range(columns.shape[1])
        if len(np.unique(columns[:500, i])) >= min(DISTINCT, len(columns) - 2)
    ]
    if not rich:
        return None
    chosen = columns[:, rich].astype(np.float64)
    if _exact(chosen, "standard").all():
        return "standard"
    # Columns with bounds 0 and 1 by nature meet them again and again; scaled ones once, by one row each.
    single = ((chosen == 0).sum(axis=0) <= 2) & ((chosen == 1).sum(axis=0) <= 2)
    ranged = len(rich) >= 2 and single.mean() > 0.8 and _exact(chosen, "range").all()
    return "range" if ranged else None


def _exact(columns: Array, how: str) -> Array:
    if how == "standard":
        off = np.abs(columns.mean(axis=0)) + np.minimum(
            np.abs(columns.std(axis=0) - 1), np.abs(columns.std(axis=0, ddof=1) - 1)
        )
    else:
        off = np.abs(columns.min(axis=0)) + np.abs(columns.max(axis=0) - 1)
    return np.asarray(off < EXACT)


def _count(columns: Array, how: str) -> int:
    return int(_exact(columns.astype(np.float64), how).sum())
