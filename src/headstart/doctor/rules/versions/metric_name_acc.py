"""A line waits for `val_acc` while the log has `val_accuracy`, or the other way round.

What it is
    A metric given as "accuracy" is logged as `accuracy` and `val_accuracy`; given as "acc" it is logged as
    `acc` and `val_acc`. Until 2019 it was always the short form.

Why it hurts
    `history.history["acc"]` raises a KeyError. A callback that monitors a name which is not logged never
    does anything: nothing is stopped early, and no best model is saved.

Wrong
    EarlyStopping(monitor="val_acc") with metrics=["accuracy"]

Right
    EarlyStopping(monitor="val_accuracy") with metrics=["accuracy"]

How it was measured
    The names of the live compiled metrics, against `monitor` of the live callbacks of this fit and against
    the names that lines after the fit look up in its history.

When it is wrong
    With metrics=["acc"] the short names are right; a line that asks which of the two is there is careful.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of
from headstart.doctor.rest.values import Rest, Use

NAME = "metric-name-acc"
GROUP = "versions"
FIXES = True

OTHER = {
    "acc": "accuracy",
    "val_acc": "val_accuracy",
    "accuracy": "acc",
    "val_accuracy": "val_acc",
}
POSITION = {"ModelCheckpoint": 1}


def check(case: Case) -> Iterable[Finding]:
    """Compares the names that are waited for with those that will be logged."""
    logged = _logged(case)
    if logged is None:
        return
    given = case.fit_argument("callbacks") or []
    for callback in given if isinstance(given, list | tuple) else [given]:
        name = getattr(callback, "monitor", None)
        event = case.trace.event_of(callback)
        if not isinstance(name, str) or not _missed(name, logged) or event is None or event.place is None:
            continue
        kind = type(callback).__name__
        step = edits.set_argument(event.place, "monitor", f'"{OTHER[name]}"', POSITION.get(kind, 0))
        yield Finding(
            NAME,
            "warning",
            event.place,
            f"{kind} waits for {name}, which is never logged; the metric is called {OTHER[name]}",
            {"monitor": name, "metrics": ", ".join(sorted(logged))},
            explains=("early-stop-eager",),
            edit=Edit(f"Monitor {OTHER[name]}", (step,), safe=True),
            cost=0.1,
        )
    try:
        rest = case.probes.rest
    except ProbeError:
        return
    for use in _lookups(case, rest):
        name = use.args[0].live
        if not _missed(name, logged) or not isinstance(use.node, ast.Subscript):
            continue
        place = place_of(case, use.unit, use.node.slice)
        yield Finding(
            NAME,
            "error",
            place_of(case, use.unit, use.node),
            f"the history has no {name}, and the line raises a KeyError; the metric is called {OTHER[name]}",
            {"looked up": name, "metrics": ", ".join(sorted(logged))},
            edit=Edit(f"Look up {OTHER[name]}", (edits.replace(place, f'"{OTHER[name]}"'),), safe=True),
            cost=0.1,
        )


def _logged(case: Case) -> set[str] | None:
    """The names of the metrics of a model with one output, or None where they cannot be told."""
    if case.compile is None or len(getattr(case.model, "outputs", None) or [0]) != 1:
        return None
    names: set[str] = set()
    for argument in ("metrics", "weighted_metrics"):
        value = case.compile.arguments.get(argument)
        if value is None:
            continue
        if isinstance(value, dict) or not isinstance(value, list | tuple):
            return None
        for metric in value:
            name = _name(metric)
            if name is None:
                return None
            names.add(name)
    return names


def _name(metric: Any) -> str | None:
    if isinstance(metric, str):
        return metric
    name = getattr(metric, "name", None) or getattr(metric, "__name__", None)
    return name if isinstance(name, str) else None


def _missed(name: Any, logged: set[str]) -> bool:
    """Whether a name is not logged while its other spelling is."""
    if name not in OTHER:
        return False
    plain = name.removeprefix("val_")
    return plain not in logged and OTHER[plain] in logged


def _lookups(case: Case, rest: Rest) -> list[Use]:
    """Lines that look something up in the history of this model, if none of them is careful."""
    again = [u for u in rest.calls("compile") if u.base is not None and u.base.live is case.model]
    # A history of a fit after another compile has other names.
    later = {u.node for u in rest.calls("fit") if any(c.order < u.order for c in again)}

    def history(use: Use) -> bool:
        values = [*([use.base] if use.base is not None else []), *use.args]
        tags = [tag for value in values for tag in value.of_kind("history")]
        return bool(tags) and all(t.key == id(case.model) and t.node not in later for t in tags)

    for use in rest.of_kind("compare"):
        ops = use.node.ops if isinstance(use.node, ast.Compare) else []
        if history(use) and any(isinstance(op, ast.In | ast.NotIn) for op in ops):
            return []
    found = [u for u in rest.of_kind("subscript") if history(u) and u.args[0].known]
    return [u for u in found if isinstance(u.args[0].live, str) and not _in_try(u)]


def _in_try(use: Use) -> bool:
    line = getattr(use.node, "lineno", 0)
    for node in ast.walk(use.unit.tree() or ast.Module([], [])):
        if isinstance(node, ast.Try) and node.body[0].lineno <= line <= (node.body[-1].end_lineno or 0):
            return True
    return False
