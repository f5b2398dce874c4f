"""Metrics passed to `compile` as its third argument, which Keras 3 takes for loss weights.

What it is
    In Keras 2 the arguments were `optimizer, loss, metrics`. In Keras 3 they are `optimizer, loss,
    loss_weights, metrics`: a list of names in third place is taken for weights.

Why it hurts
    `fit` stops with a message about types that says nothing about metrics.

Wrong
    model.compile("adam", "binary_crossentropy", ["accuracy"])

Right
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])

How it was measured
    The live model was compiled with loss weights that are names or metrics, not numbers.

When it is wrong
    Loss weights are numbers; nothing else is named.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.lines.inputs import call_of
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits

NAME = "metrics-by-position"
GROUP = "versions"
FIXES = True

THIRD = 2


def check(case: Case) -> Iterable[Finding]:
    """Looks at what the loss is to be weighted with."""
    event = case.compile
    given = event.arguments.get("loss_weights") if event is not None else None
    parts = list(given.values()) if isinstance(given, dict) else given
    parts = list(parts) if isinstance(parts, list | tuple) else [parts]
    if event is None or not parts or not all(isinstance(p, str) or hasattr(p, "update_state") for p in parts):
        return
    yield Finding(
        NAME,
        "error",
        event.place,
        "the third argument of compile is loss_weights in Keras 3, and it was given metrics: fit will stop",
        {"taken for loss weights": str(given)[:80]},
        edit=_edit(case, event.place),
        cost=1.0,
    )


def _edit(case: Case, place: Place | None) -> Edit | None:
    call = call_of(case, place)
    if (
        call is None
        or place is None
        or len(call.args) != THIRD + 1
        or any(k.arg == "metrics" for k in call.keywords)
    ):
        return None
    if any(isinstance(one, ast.Starred) for one in call.args):
        return None
    optimizer, loss, metrics = (ast.unparse(one) for one in call.args)
    rest = [
        ast.unparse(k.value) if k.arg is None else f"{k.arg}={ast.unparse(k.value)}" for k in call.keywords
    ]
    if any(k.arg is None for k in call.keywords):
        return None
    text = ", ".join([optimizer, loss, f"metrics={metrics}", *rest])
    step = edits.replace(place, f"{ast.unparse(call.func)}({text})")
    return Edit("Pass the metrics by name", (step,), safe=True)
