"""Arguments are called what Keras 1 called them: `nb_epoch`, `output_dim`, `border_mode`, `init`.

What it is
    Keras 2 renamed nearly all arguments of layers and of `fit`, and gave kernels as pairs.

Why it hurts
    Each raises an error. `Convolution2D(32, 3, 3)` does not: Keras 3 reads the second 3 as a stride, so that
    most of the picture is skipped.

Wrong
    model.fit(x, y, nb_epoch=10)

Right
    model.fit(x, y, epochs=10)

How it was measured
    The class or the method was called with the argument and does not take it, by its live signature. The
    doctor read it as it was meant, and went on.

When it is wrong
    A layer of the user's own may take such a name; `Conv2D(64, 4, 4)` may mean a stride.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from headstart.doctor.capture.patches.constructors import DROPPED
from headstart.doctor.capture.patches.old_arguments import OLD
from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Edit, Finding, Operation, Place
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of
from headstart.doctor.rest.readings import is_model

NAME = "nb-arguments"
GROUP = "versions"
WHEN = "always"
FIXES = True

OF_CALLBACKS = {name for names in DROPPED["callback"].values() for name in names}
OF_MODELS = {"input": "inputs", "output": "outputs", "nb_epoch": "epochs"}


def check(case: Case) -> Iterable[Finding]:
    """One finding a call, with all of its old arguments."""
    calls: dict[Place, list[Event]] = {}
    for event in case.trace.of_kind("removed-argument"):
        old = event.name in OF_MODELS or event.name in OF_CALLBACKS or "new" in event.arguments
        if old and event.name != "filepath" and event.place is not None:
            calls.setdefault(event.place, []).append(event)
    for place, events in calls.items():
        yield _finding(case, place, str(events[0].arguments["method"]), events)
    yield from _kernels(case, set(calls))
    try:
        rest = case.probes.rest
    except ProbeError:
        return
    for use in rest.calls("fit"):
        if "nb_epoch" in use.keywords and use.base is not None and is_model(use.base.live):
            place = place_of(case, use.unit, use.node)
            edit = Edit("Call it epochs", (edits.rename_argument(place, "nb_epoch", "epochs"),), safe=True)
            yield Finding(
                NAME,
                "error",
                place,
                "fit() does not take nb_epoch=; it is called epochs",
                edit=edit,
                cost=0.9,
            )


def _finding(case: Case, place: Place, method: str, events: list[Event]) -> Finding:
    names = list(dict.fromkeys(event.name for event in events))
    new: dict[str, str | None] = {}
    for event in events:
        new[event.name] = OF_MODELS.get(event.name) or event.arguments.get("new")
    if "input" in new:
        new["output"] = "outputs"
    told = [f"{old}= is now {now}=" if now else f"{old}= is gone" for old, now in new.items()]
    value: Any = events[0].arguments["value"]
    return Finding(
        NAME,
        "error",
        place,
        f"{method} does not take {', '.join(f'{name}=' for name in names)}: {', '.join(told)}",
        {names[0]: value} if isinstance(value, int | float | str) else {},
        edit=_edit(case, place, new),
        cost=0.9,
    )


def _edit(case: Case, place: Place, new: dict[str, str | None]) -> Edit | None:
    try:
        call = ast.parse(case.code(place), mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(call, ast.Call):
        return None
    if {"nb_row", "nb_col", "dim_ordering"} & set(new):
        return None
    if _three(call) and set(new) & set(OLD):
        renamed = [ast.keyword(new.get(str(k.arg)) or k.arg, k.value) for k in call.keywords]
        pair = ast.Tuple([call.args[1], call.args[2]], ast.Load())
        code = ast.unparse(ast.Call(call.func, [call.args[0], pair], renamed))
        return Edit(
            "Use the present names, and a pair for the kernel", (edits.replace(place, code),), safe=True
        )
    steps: list[Operation] = [edits.rename_argument(place, old, now) for old, now in new.items() if now]
    gone = [old for old, now in new.items() if not now]
    if gone:
        steps.append(edits.remove_argument(place, *gone))
    return Edit("Use the present names", tuple(steps), safe=not gone)


def _three(call: ast.Call) -> bool:
    """Whether it reads Conv2D(filters, rows, columns), the kernel as two numbers."""
    last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    numbers = all(isinstance(a, ast.Constant | ast.Name) for a in call.args)
    return last in ("Convolution2D", "Conv2D") and len(call.args) == 3 and numbers


def _kernels(case: Case, done: set[Place]) -> Iterable[Finding]:
    """`Convolution2D(32, 3, 3)`, under the name that only Keras 1 had."""
    for event in case.trace.of_kind("layer", "Conv2D"):
        place = event.place
        if place is None or place in done or not {"kernel_size", "strides"} <= event.given:
            continue
        try:
            call = ast.parse(case.code(place), mode="eval").body
        except SyntaxError:
            continue
        if not isinstance(call, ast.Call) or not _three(call):
            continue
        last = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        strides = tuple(getattr(event.result, "strides", ()))
        if last != "Convolution2D" or strides in ((), (1, 1)):
            continue
        pair = ast.Tuple([call.args[1], call.args[2]], ast.Load())
        code = ast.unparse(ast.Call(call.func, [call.args[0], pair], call.keywords))
        yield Finding(
            NAME,
            "warning",
            place,
            "the kernel is written as two numbers, and Keras 3 reads the second one as the stride",
            {"strides of the layer": str(strides)},
            edit=Edit("Give the kernel as a pair", (edits.replace(place, code),), safe=True),
            cost=0.2,
        )
