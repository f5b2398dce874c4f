"""Rows and labels were put into different orders, so labels stand beside rows that they do not belong to.

What it is
    Only one of the two was shuffled, both were shuffled apart, or they went through splits or pipelines
    that were drawn differently.

Why it hurts
    There is nothing left to learn: training can only memorise, and validation stays at chance.

Wrong
    rng.shuffle(X)

Right
    order = rng.permutation(len(X))
    X, y = X[order], y[order]

How it was measured
    The orders that the script drew are taken down. Small classifiers cannot tell the labels from the rows
    as they are paired now, and can once one of these orders is undone.

When it is wrong
    A task that is truly hard is not made easy by any order, and rows that were shuffled together are
    easy as they are: in both cases the rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case, class_ids
from headstart.doctor.lines.rows import Lineage, follow
from headstart.doctor.probes import learners
from headstart.doctor.records import Finding, Place
from headstart.doctor.views.data import classifies
from headstart.doctor.views.data_steps import Step, inputs, steps

NAME = "labels-shuffled"
GROUP = "data"
FIXES = False

EXPLAINS = ("loss-not-falling", "val-class-order", "duplicate-leakage", "class-imbalance")
FEWEST = 60
MOST_ORDERS = 5
"""The latest orders that are tried, alone and in pairs."""

Array = np.ndarray[Any, Any]
Try = tuple[str, Array, Place | None]


def check(case: Case) -> Iterable[Finding]:
    """Undoes what the script did to the order."""
    train = case.train
    if train is None or case.fit is None or case.fit.kind != "fit":
        return
    if train.kind == "tf.data":
        yield from _zipped(case)
        return
    x, y = train.whole or (None, None)
    if y is None or isinstance(y, dict | list | tuple) or isinstance(x, dict | tuple):
        return
    labels = follow(case.trace, y)
    ids = _classes(labels.root)
    if ids is None or len(y) < FEWEST or len(ids) != len(labels.root):
        return
    tries = list(_tries(case, x, labels, ids))
    if not tries:
        return
    index = np.sort(np.random.default_rng(0).permutation(len(y))[: learners.ROWS])
    tokens = any(type(layer).__name__ == "Embedding" for layer in case.layers)
    rows = learners.features(x, index, tokens)
    if rows is None:
        return
    given = None
    for given in learners.each(rows, ids[labels.rows][index]):
        if not given.at_chance:
            return
    if given is None:
        return
    found: tuple[learners.Learned, Try] | None = None
    for one in tries:
        undone = learners.cross_validated(rows, one[1][index])
        if undone.learnable and (found is None or undone.accuracy > found[0].accuracy):
            found = undone, one
    if found is None:
        return
    undone, (what, _, place) = found
    yield Finding(
        NAME,
        "error",
        place or case.fit.place,
        f"rows and labels no longer belong together since {what}",
        {
            "labels told from the rows as paired": round(given.accuracy, 3),
            "with that order undone": round(undone.accuracy, 3),
            "chance": round(given.chance, 3),
            "rows": given.rows,
        },
        EXPLAINS,
        cost=min(1.0, undone.accuracy - given.chance),
    )


def _classes(y: Any) -> Array | None:
    """Class ids; for continuous targets, the quarter that each lies in."""
    try:
        array = np.asarray(to_numpy(y))
    except Exception:
        return None
    if array.dtype.kind in "US" and array.ndim == 1:
        return np.unique(array, return_inverse=True)[1]
    ids = class_ids(array)
    if ids is not None and len(np.unique(ids)) <= 50:
        return ids if len(np.unique(ids)) > 1 else None
    flat = array.reshape(-1) if array.size == len(array) else None
    if flat is None or flat.dtype.kind not in "iuf" or not np.isfinite(flat).all():
        return None
    return np.searchsorted(np.quantile(flat, [0.25, 0.5, 0.75]), flat)


def _tries(case: Case, x: Any, labels: Lineage, ids: Array) -> Iterator[Try]:
    """Other labels for the rows: those that they would have, had something not been done."""
    n = len(ids)
    rows = follow(case.trace, x) if hasattr(x, "__len__") else None
    at = labels.rows
    if rows is not None and len(rows.root) == n:
        if not np.array_equal(rows.rows, labels.rows):
            late = max((*rows.splits, *labels.splits), key=lambda event: event.order, default=None)
            yield "they were split apart", ids[rows.rows], late.place if late is not None else None
        at = rows.rows
    orders = [event for event in case.trace.of_kind("order") if len(event.arguments["order"]) == n]
    drawn = orders[-MOST_ORDERS:]
    for event in drawn:
        order = event.arguments["order"]
        if not np.array_equal(np.sort(order), np.arange(n)):
            continue
        back = np.argsort(order)
        yield _what(event), ids[order[at]], event.place
        yield _what(event), ids[back[at]], event.place
        for other in drawn:
            if other.order > event.order and len(drawn) <= 4:
                second = np.asarray(other.arguments["order"])
                yield _what(other), ids[np.argsort(second)[order[at]]], other.place
                yield _what(other), ids[back[second[at]]], other.place


def _what(event: Event) -> str:
    names = {"sort": "one side was sorted", "permutation": "this order was applied to one side only"}
    return names.get(event.name, "one side was shuffled without the other")


def _zipped(case: Case) -> Iterable[Finding]:
    """Rows and labels as two pipelines, shuffled apart and then zipped."""
    assert case.train is not None
    if not classifies(case):
        return
    for step in steps(case.trace, case.train.source):
        if step.name != "zip":
            continue
        parts = inputs(step.dataset)
        if len(parts) != 2 or any(isinstance(part.element_spec, tuple | dict) for part in parts):
            continue
        sides = [steps(case.trace, part) for part in parts]
        met = {id(one.dataset) for one in sides[0]} & {id(one.dataset) for one in sides[1]}
        shuffles = [[s for s in side if s.name.startswith("shuffle")] for side in sides]
        if met or not any(shuffles) or _alike(shuffles):
            continue
        event = next((s.event for side in shuffles[::-1] for s in side if s.event is not None), step.event)
        both = all(shuffles)
        yield Finding(
            NAME,
            "error",
            event.place if event is not None else case.fit.place if case.fit is not None else None,
            "rows and labels are shuffled apart before they are zipped"
            if both
            else "only one of rows and labels is shuffled before they are zipped",
            {"shuffles of the rows": len(shuffles[0]), "shuffles of the labels": len(shuffles[1])},
            EXPLAINS,
            cost=1.0,
        )
        return


def _alike(shuffles: list[list[Step]]) -> bool:
    """Whether both sides are shuffled by the same numbers."""
    if len(shuffles[0]) != len(shuffles[1]):
        return False
    for one, other in zip(*shuffles, strict=True):
        if one.event is None or other.event is None:
            return False
        first, second = one.event.arguments, other.event.arguments
        if first.get("seed") is None or first.get("seed") != second.get("seed"):
            return False
        if first.get("buffer_size") != second.get("buffer_size"):
            return False
    return True
