"""The calls of layers that the script makes with `training=` written out, and their lines."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.lines.nodes import place_in
from headstart.doctor.records import Place


@dataclass(frozen=True)
class Flagged:
    """One such call.

    Attributes:
        layer: What is called.
        value: True or False.
        place: The call's line.
        symbolic: Whether it builds a functional model; else it is made each time the model runs.
    """

    layer: Any
    value: bool
    place: Place
    symbolic: bool


def flagged(case: Case) -> list[Flagged]:
    """All of them in the model, those that were seen to be made first."""
    inside = {id(layer) for layer in case.layers}
    found = [
        Flagged(e.subject, e.arguments["training"], e.place, e.result is not None)
        for e in case.trace.of_kind("call")
        if isinstance(e.arguments.get("training"), bool) and e.place is not None and id(e.subject) in inside
    ]
    # Keras traces a model's `call` in ways that leave no frame of the script: there the text gives the line,
    # and the live attribute that it names gives the layer.
    seen = {(one.place.line, one.place.column, one.place.cell) for one in found}
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            value = _value(node)
            if value is None or not isinstance(node, ast.Call):
                continue
            if (node.lineno, node.col_offset + 1, unit.cell) in seen:
                continue
            layer = _attribute(case, node.func)
            if layer is not None and id(layer) in inside:
                place = place_in(unit, node, case.script)
                found.append(Flagged(layer, value, place, False))
    return found


def _value(node: ast.AST) -> bool | None:
    for keyword in node.keywords if isinstance(node, ast.Call) else ():
        if keyword.arg == "training" and isinstance(keyword.value, ast.Constant):
            value = keyword.value.value
            return value if isinstance(value, bool) else None
    return None


def _attribute(case: Case, func: ast.expr) -> Any:
    """The layer that `self.name` stands for in the model, or in a layer of the user's own class."""
    if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "self"):
        return None
    for owner in [case.model, *case.layers]:
        if not type(owner).__module__.startswith("keras."):
            found = getattr(owner, func.attr, None)
            if hasattr(found, "_flatten_layers"):
                return found
    return None
