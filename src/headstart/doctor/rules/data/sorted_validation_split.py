"""The validation split takes the last rows of data that are sorted by class.

What it is
    `validation_split` cuts off the last rows before anything is shuffled. Where rows stand class by
    class, training and validation then hold different classes.

Why it hurts
    Validation accuracy is 0 or 1 from the first epoch and says nothing, and the classes that were cut off
    are never trained.

Wrong
    model.fit(X, y, validation_split=0.2)  # X: all cats, then all dogs

Right
    order = np.random.default_rng(0).permutation(len(X))
    model.fit(X[order], y[order], validation_split=0.2)

How it was measured
    The class shares of the rows that are cut off against those that stay, and how many runs of one class
    the labels have against what shuffled labels would have.

When it is wrong
    In a time series the order must stay: where rows are overlapping windows this is information only.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines import values as data_lines
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.data import classifies, is_series, numpy_name, whole_labels

NAME = "sorted-validation-split"
GROUP = "data"
FIXES = True

EXPLAINS = ("no-shuffle-training", "val-class-order")
APART = 0.5
"""How far apart the shares of the classes must be: 0 alike, 1 no class in common."""


def check(case: Case) -> Iterable[Finding]:
    """Compares the classes on the two sides of the cut."""
    split = case.fit_argument("validation_split", 0.0) or 0.0
    if not 0 < split < 1 or case.fit_argument("validation_data") is not None:
        return
    ids = whole_labels(case)
    if ids is None or len(ids) < 20 or not classifies(case):
        return
    at = math.floor(len(ids) * (1 - split))
    values = np.unique(ids)
    if not 0 < at < len(ids) - 3 or len(values) < 2 or len(values) > len(ids) / 4:
        return
    head, tail = (np.array([(part == v).mean() for v in values]) for part in (ids[:at], ids[at:]))
    apart = float(np.abs(head - tail).sum() / 2)
    shares = np.array([(ids == v).mean() for v in values])
    runs = 1 + int((ids[1:] != ids[:-1]).sum())
    expected = 1 + (len(ids) - 1) * float(1 - (shares**2).sum())
    if apart < APART or runs > 0.3 * expected:
        return
    lost = [int(v) for v, share in zip(values, head, strict=True) if share == 0]
    unseen = f" and class {lost[0]} is never trained" if lost else ""
    place = case.fit.place if case.fit is not None else None
    yield Finding(
        NAME,
        "info" if is_series(case) else "error",
        place,
        "the rows are sorted by class, so the validation split holds other classes than the training rows"
        + unseen,
        {
            "runs of one class": runs,
            "runs if shuffled": round(expected),
            "classes in the training rows": int((head > 0).sum()),
            "classes in the validation rows": int((tail > 0).sum()),
            "difference of the class shares, 0 to 1": round(apart, 3),
        },
        EXPLAINS,
        _edit(case),
        cost=apart,
    )


def _edit(case: Case) -> Edit | None:
    place = case.fit.place if case.fit is not None else None
    x, y = (data_lines.fit_expression(case, name) for name in ("x", "y"))
    if place is None or not isinstance(x, ast.Name) or not isinstance(y, ast.Name):
        return None
    whole = case.train.whole if case.train is not None else None
    if whole is None or not all(isinstance(one, np.ndarray) for one in whole):
        return None
    if case.fit_argument("sample_weight") is not None or is_series(case):
        return None
    numpy = numpy_name(case)
    steps = () if numpy else (edits.add_import(place, "numpy"),)
    numpy = numpy or "numpy"
    code = (
        f"order = {numpy}.random.default_rng(0).permutation(len({x.id}))\n"
        f"{x.id}, {y.id} = {x.id}[order], {y.id}[order]"
    )
    return Edit(
        "Shuffle rows and labels together before the split",
        (*steps, edits.insert_statement(place, code, "before")),
        safe=True,
    )
