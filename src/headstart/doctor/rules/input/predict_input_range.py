"""Test or new pictures are in another range than those that the model is trained on.

What it is
    The training pixels were scaled and those that the model is judged by or used on were not, or the
    reverse.

Why it hurts
    The model has never seen such numbers: its answers on them are near to chance, although training went
    well.

Wrong
    x_train = x_train / 255 ... model.evaluate(x_test, y_test)

Right
    x_train, x_test = x_train / 255, x_test / 255

How it was measured
    The range of the training pixels against that of the validation, and of each array that the script
    predicts on or evaluates after the fit, as they are when the fit begins: one spans 0 to 255, the other
    about one.

When it is wrong
    Arrays that get another value after the fit are left alone, and so are tables: only pixels have known
    ranges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import take_rows
from headstart.doctor.case import Case
from headstart.doctor.lines.inputs import assigned_at, name_given, visible
from headstart.doctor.lines.later_use import assigned_between, uses
from headstart.doctor.records import Finding, Place

NAME = "predict-input-range"
GROUP = "input"
WHEN = "always"

EXPLAINS = ("val-other-distribution", "reload-mismatch", "train-test-scaled-apart")

Array = np.ndarray[Any, Any]


def check(case: Case) -> Iterable[Finding]:
    """Compares ranges of pixels."""
    if case.model is None or case.train is None or not case.train.batches:
        return
    train = _range(case.train.x)
    if train is None:
        return
    for name, value, place in _others(case):
        other = _range(value)
        if other is None or train == other:
            continue
        yield Finding(
            NAME,
            "error",
            place,
            f"{name} has pixels from {_words(other)}, but the model is trained on {_words(train)}",
            {"training pixels": _words(train), name: _words(other)},
            EXPLAINS,
            cost=0.4,
        )
        return


def _others(case: Case) -> Iterator[tuple[str, Any, Place | None]]:
    if case.stage == "end":
        for event in case.trace.events:
            late = case.fit is not None and event.order > case.fit.order
            if late and event.kind in ("predict", "evaluate") and event.subject is case.model:
                yield "what the model is used on", event.arguments.get("x"), event.place
        return
    validation = case.validation if case.fit_argument("validation_data") is not None else None
    if validation is not None and validation.batches:
        name = name_given(case, "validation_data")
        yield "the validation data", validation.x, _place(case, name)
    if case.trace.through:
        return
    bound: dict[str, Any] | None = None
    for use in uses(case):
        if use.name is None or assigned_between(case, use.name, use) or not _plain(use.value):
            continue
        bound = visible(case) if bound is None else bound
        yield use.name, bound.get(use.name), _place(case, use.name)


def _plain(value: Any) -> bool:
    """Whether an expression is a name, or rows of one: nothing is done to the numbers."""
    import ast

    while isinstance(value, ast.Subscript):
        value = value.value
    return isinstance(value, ast.Name)


def _place(case: Case, name: str | None) -> Place | None:
    """The later of the lines that made the two arrays: where one was scaled and the other forgotten."""
    own = name_given(case)
    places = [assigned_at(case, one) for one in (name, own) if one is not None]
    known = [p for p in places if p is not None]
    if not known:
        return case.fit.place if case.fit is not None else None
    return max(known, key=lambda p: (p.cell or 0, p.line))


def _range(x: Any) -> str | None:
    """Says "bytes" for 0..255, "small" for pixels within about one of zero; None for anything else."""
    if isinstance(x, dict | list | tuple) or x is None or not hasattr(x, "shape") or len(x.shape) < 2:
        return None
    n = int(x.shape[0] or 0)
    if not n or not hasattr(x, "__getitem__"):
        return None
    try:
        rows = np.asarray(take_rows(x, np.unique(np.linspace(0, n - 1, min(n, 64)).astype(int))))
    except (TypeError, ValueError, IndexError):
        return None
    picture = rows.ndim in (3, 4) and min(rows.shape[1:3]) >= 8
    flat = rows.ndim == 2 and rows.shape[1] >= 64
    if not (picture or flat) or rows.dtype.kind not in "fiu" or not np.isfinite(rows).all():
        return None
    low, high = float(rows.min()), float(rows.max())
    if low >= 0 and 100 <= high <= 255.5:
        return "bytes"
    if -1.1 <= low <= 0.5 and 0.3 < high <= 1.1 and len(np.unique(rows[:8])) > 8:
        return "small"
    return None


def _words(kind: str) -> str:
    return "0 to 255" if kind == "bytes" else "within -1 to 1"
