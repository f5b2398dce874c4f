"""Labels that were made one-hot twice, or from ids that begin at 1.

What it is
    `to_categorical` was given labels that were one-hot already, so that every 0 and 1 became a pair; or ids
    from 1 to n, so that a first column stands there for a class that does not exist.

Why it hurts
    Encoded twice, the labels have an axis too many and `fit` stops with an error on shapes. With ids from
    1, one unit of the output is never right; it costs little, but ids read from it are off by one for who
    counts from 0.

Wrong
    y = to_categorical(to_categorical(ids))

Right
    y = to_categorical(ids)

How it was measured
    The labels that `fit` gets have a last axis of two whose second half is one-hot with as many columns as
    the live output has units; or, of one-hot labels, the ids behind them begin at 1 and the first column is
    empty.

When it is wrong
    A first column may be kept for a background class: the second form is no more than a remark.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case
from headstart.doctor.probes.heads import Head
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits

NAME = "labels-one-class-encoded-twice"
GROUP = "output"
FIXES = True

EXPLAINS = (
    "units-not-classes",
    "onehot-labels-sparse-loss",
    "int-labels-categorical-loss",
    "softmax-multilabel",
    "class-mode-mismatch",
)


def check(case: Case) -> Iterable[Finding]:
    """Looks at the shape of the labels, then at their first column."""
    for head in case.probes.heads.each:
        y = head.y
        if y is None or head.name:
            continue
        if _twice(head, y):
            event = _encoding(case, tuple(y.shape[1:]))
            place = event.place if event is not None else case.fit.place if case.fit is not None else None
            yield Finding(
                NAME,
                "error",
                place,
                f"labels that were one-hot were made one-hot again: each is now {y.shape[1]} pairs",
                {"shape of the labels": str(y.shape), "units": head.units},
                EXPLAINS,
                _edit(case, event),
                cost=1.0,
            )
        elif head.kind == "one-hot" and head.units > 2 and not y[..., 0].any():
            event = _encoding(case, tuple(y.shape[1:]))
            ids = np.asarray(event.arguments.get("x")) if event is not None else np.zeros(0)
            if event is None or ids.size == 0 or ids.dtype.kind not in "iuf" or ids.min() != 1:
                continue
            if len(np.unique(ids)) == head.units - 1:
                yield Finding(
                    NAME,
                    "info",
                    event.place,
                    "class ids that begin at 1 were made one-hot: the first column stands for no class",
                    {"classes": head.units - 1, "columns": head.units, "lowest id": 1},
                )


def _twice(head: Head, y: Any) -> bool:
    if y.ndim != head.output.ndim + 1 or y.shape[-1] != 2 or y.shape[1:-1] != head.output.shape[1:]:
        return False
    pairs = bool(np.isin(y, (0, 1)).all() and (y.sum(axis=-1) == 1).all())
    return pairs and head.units > 1 and bool((y[..., 1].sum(axis=-1) == 1).all())


def _encoding(case: Case, shape: tuple[int, ...]) -> Event | None:
    """The last call of `to_categorical` that gave labels of this shape."""
    made = [e for e in case.trace.of_kind("helper", "to_categorical") if np.shape(e.result)[1:] == shape]
    return made[-1] if made else None


def _edit(case: Case, event: Event | None) -> Edit | None:
    """What was encoded again, in place of the call; none where the call says more than that."""
    if event is None or event.place is None or event.given != {"x"}:
        return None
    try:
        call = ast.parse(case.code(event.place), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(call, ast.Call) or len(call.args) + len(call.keywords) != 1:
        return None
    inner = call.args[0] if call.args else call.keywords[0].value
    return Edit("Encode the labels once", (edits.replace(event.place, ast.unparse(inner)),), safe=True)
