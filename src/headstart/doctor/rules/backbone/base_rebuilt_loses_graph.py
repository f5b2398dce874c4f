"""The layers of a net with branches were put one after another into a Sequential, which loses its branches.

What it is
    `for layer in base.layers: model.add(layer)` keeps the layers and drops how they are joined. VGG is a
    chain and survives it; ResNet, MobileNetV2, Inception and DenseNet are not.

Why it hurts
    A layer that adds or joins two tensors gets one: an error, or, where those layers are left out, a net
    whose weights were trained for another one.

Wrong
    for layer in ResNet50(include_top=False).layers:
        model.add(layer)

Right
    model.add(ResNet50(include_top=False, pooling="avg"))

How it was measured
    The live Sequential holds layers of a `keras.applications` net whose own graph joins tensors, one by one;
    or the script stopped at such an `add`.

When it is wrong
    A net that is a chain loses nothing, and a base that is added as one layer keeps its graph.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.records import Finding, Place
from headstart.doctor.views.model import every_layer

NAME = "base-rebuilt-loses-graph"
GROUP = "backbone"
WHEN = "always"

EXPLAINS = ("domain-features-weak", "loss-not-falling", "pooling-missing")
JOINS = ("Add", "Concatenate", "Multiply", "Average", "Subtract")


def check(case: Case) -> Iterable[Finding]:
    """Looks at Sequential models that hold the layers of a net with branches."""
    for event in case.trace.of_kind("application"):
        net = event.result
        joins = [layer for layer in getattr(net, "layers", []) if type(layer).__name__ in JOINS]
        if not joins:
            continue
        own = {id(layer) for layer in net.layers if layer.weights}
        for model in _sequentials(case):
            taken = [layer for layer in model.layers if id(layer) in own]
            if len(taken) < 3:
                continue
            failed = case.stage == "end" and case.crash is not None and _at_an_add(case)
            if case.stage == "fit" and all(model is not m for m in (case.model, *every_layer(case.model))):
                continue
            if case.stage == "end" and not failed:
                continue
            yield Finding(
                NAME,
                "error",
                case.crash.place if failed and case.crash is not None else _where(case, model, event),
                f"the layers of {event.name} are put in a row one by one, which drops the"
                f" {len(joins)} spots where its branches meet",
                {"layers of it in the row": len(taken), "layers that join branches in it": len(joins)},
                EXPLAINS,
                cost=0.5,
            )


def _sequentials(case: Case) -> list[Any]:
    made = [*case.trace.of_kind("layer", "Sequential"), *case.trace.of_kind("inner-layer", "Sequential")]
    found = {id(e.result): e.result for e in made if e.result is not None}
    return list(found.values())


def _at_an_add(case: Case) -> bool:
    place = case.crash.place if case.crash is not None else None
    return place is not None and ".add(" in case.code(place)


def _where(case: Case, model: Any, event: Any) -> Place | None:
    """The `add` in a loop over layers; else the line of the model or of the net."""
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(node, ast.For) or ".layers" not in ast.unparse(node.iter):
                continue
            for call in ast.walk(node):
                if (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and call.func.attr == "add"
                ):
                    start, end = call.col_offset + 1, (call.end_col_offset or 0) + 1
                    return Place(case.script, call.lineno, start, end, call.end_lineno or 0, unit.cell)
    return case.place_of(model) or event.place
