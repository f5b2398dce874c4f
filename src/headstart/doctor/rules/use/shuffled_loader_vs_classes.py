"""Predictions on a shuffled loader are compared with labels in another order.

What it is
    `loader.classes` lists the labels in the order of the files; a loader that shuffles hands its pictures out
    in another. A `tf.data` pipeline with shuffle gives a new order each time that it is read: predictions
    from one reading do not go with labels from the next.

Why it hurts
    The confusion matrix and every score computed from the two look like chance, although `evaluate` is fine.

Wrong
    confusion_matrix(test.classes, model.predict(test).argmax(axis=1)) with test = flow_from_directory(...)

Right
    test = flow_from_directory(..., shuffle=False)

How it was measured
    The statements after the fit are followed with the live objects: predictions of a loader and labels of the
    same loader, from two readings, meet in one call or comparison. The loader's own flag says that it
    shuffles; a `tf.data` pipeline is read twice from a copy, and the orders differ.

When it is wrong
    Labels that are gathered in the same loop as the predictions go with them, and `evaluate` needs no order.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of
from headstart.doctor.rest.values import Rest, Source, Tag, Use, Val

NAME = "shuffled-loader-vs-classes"
GROUP = "use"
FIXES = True

HARMLESS = {
    "print",
    "append",
    "extend",
    "len",
    "zip",
    "list",
    "set",
    "unique",
    "bincount",
    "Counter",
    "shape",
}
"""Calls in which predictions and labels may meet without being compared row by row."""

MOST_ROWS = 256


def check(case: Case) -> Iterable[Finding]:
    """Looks for a call or comparison that gets both, from two readings."""
    rest = case.probes.rest
    done: set[int] = set()
    for use in rest.uses:
        if use.kind not in ("call", "compare") or use.name in HARMLESS:
            continue
        for source, reading in _meetings(use):
            if source.key in done:
                continue
            how = _shuffles(case, source)
            if how is None:
                continue
            done.add(source.key)
            place, call = _loader_line(case, rest, source)
            compared = place_of(case, use.unit, use.node)
            step = edits.set_argument(place, "shuffle", "False") if place is not None and call else None
            yield Finding(
                NAME,
                "error",
                place or compared,
                "the loader shuffles, so its predictions come in another order than the labels that they are"
                f" compared with at line {compared.line}",
                {"how it was told": how, "labels": reading, "compared at line": compared.line},
                edit=Edit("Let the loader keep its order", (step,), safe=True) if step is not None else None,
                cost=0.4,
            )


def _meetings(use: Use) -> list[tuple[Source, str]]:
    """Sources whose predictions and labels come together here out of two readings."""
    values: list[Val] = [*use.args, *use.keywords.values()]
    if use.kind == "call" and use.base is not None and use.base.tags:
        values.append(use.base)
    found: list[tuple[Source, str]] = []
    for i, left in enumerate(values):
        for j, right in enumerate(values):
            if i == j:
                continue
            for predicted in left.of_kind("prediction"):
                for key, reading in _read_by(predicted):
                    for truth in right.of_kind("truth"):
                        # Labels that came along with these predictions are in their order.
                        beside = any(t.key == key and t.reading == reading for t in right.of_kind("truth"))
                        if truth.key == key and truth.reading != reading and not beside:
                            how = "loader.classes" if truth.reading == 0 else "a second reading"
                            found.append((truth.thing, how))
    return found


def _read_by(predicted: Tag) -> list[tuple[int, int]]:
    """The sources that a prediction was made on, each with the reading."""
    given = predicted.of
    if given is None:
        return []
    if given.source is not None:
        return [(given.source.key, predicted.reading)]
    return [(tag.key, tag.reading) for tag in given.of_kind("input")]


def _shuffles(case: Case, source: Source) -> str | None:
    """How it is known that the source gives its rows in another order than its labels, or None."""
    if source.made is not None:
        return _made_shuffling(source)
    live = source.live
    if hasattr(live, "index_generator") or hasattr(live, "_set_index_array"):
        return "its flag shuffle is set" if getattr(live, "shuffle", False) is True else None
    if type(live).__module__.startswith("tensorflow"):
        return _reads_differ(case, live)
    return None


def _made_shuffling(source: Source) -> str | None:
    call = source.made
    if call is None or "**" in source.arguments or any(isinstance(a, ast.Starred) for a in call.args):
        return None
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "flow" or len(call.args) > 2:
        return None
    given = source.arguments.get("shuffle")
    if given is None:
        return f"{name} shuffles unless told not to"
    return "it is made with shuffle=True" if given.known and given.live is True else None


def _reads_differ(case: Case, dataset: Any) -> str | None:
    """Reads a copy of the pipeline twice; a cache after the shuffle keeps the order of the first time."""
    from headstart.doctor.capture.pipeline import detached

    event = case.trace.event_of(dataset)
    shuffles = False
    for _ in range(64):
        if event is None:
            break
        if event.kind == "dataset" and event.name == "cache":
            return None
        if event.name == "shuffle":
            shuffles = event.arguments.get("reshuffle_each_iteration") is not False
            if not shuffles:
                return None
            break
        if event.name.endswith("_from_directory"):
            shuffles = event.arguments.get("shuffle") is True
            break
        event = case.trace.event_of(event.subject)
    if not shuffles:
        return None
    copy = detached(dataset)
    if copy is dataset:
        return None
    first, second = _rows(copy), _rows(copy)
    same = len(first) == len(second) and all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    return None if same or len(first) < 4 else "two readings of a copy came in different orders"


def _rows(dataset: Any) -> list[Any]:
    rows: list[Any] = []
    for item in dataset:
        x = item[0] if isinstance(item, tuple) else item
        while isinstance(x, dict | tuple):
            x = next(iter(x.values())) if isinstance(x, dict) else x[0]
        array = to_numpy(x)
        rows.extend(part.reshape(-1)[:64] for part in array) if array.ndim else rows.append(array)
        if len(rows) >= MOST_ROWS:
            break
    return rows


def _loader_line(case: Case, rest: Rest, source: Source) -> tuple[Place | None, bool]:
    """The line that made the loader or that shuffled, and whether it takes `shuffle`."""
    if source.made is not None:
        for use in rest.uses:
            if use.node is source.made:
                return place_of(case, use.unit, use.node), True
        return None, False
    event = case.trace.event_of(source.live)
    for _ in range(64):
        if event is None:
            return None, False
        if event.name == "shuffle":
            return event.place, False
        if event.name.endswith("Iterator") or event.name.endswith("_from_directory"):
            return event.place, True
        before = case.trace.event_of(event.subject)
        if before is None:
            return event.place, False
        event = before
    return None, False
