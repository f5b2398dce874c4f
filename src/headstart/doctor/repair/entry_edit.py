"""The edit that puts a backbone's own scaling right before it in the model, where the script has none."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from headstart.doctor.lines.nodes import place_in
from headstart.doctor.records import Edit, Operation, Place
from headstart.doctor.repair import edits
from headstart.doctor.views.model import Backbone

if TYPE_CHECKING:
    from headstart.doctor.capture.source import Unit
    from headstart.doctor.case import Case


def scaled_at_entry(case: Case, backbone: Backbone) -> Edit | None:
    """A layer before the net, in a call of it or in a `Sequential`; None where neither is plain."""
    made = backbone.place
    if made is None or case.unit(made) is None or not backbone.nested:
        return None
    keras = edits.keras_name(case, made)
    if backbone.style == "tf":
        layer = f"{keras.code}.layers.Rescaling(1 / 127.5, offset=-1)"
    else:
        layer = f"{keras.code}.layers.Lambda({keras.code}.applications.{backbone.family}.preprocess_input)"
    steps = _before_call(case, backbone, layer) or _in_sequence(case, made, layer)
    if steps is None:
        return None
    return Edit(f"Scale pixels the way {backbone.name} was trained", (*keras.operations, *steps), safe=True)


def _before_call(case: Case, backbone: Backbone, layer: str) -> tuple[Operation, ...] | None:
    """`base(x)` to `base(layer(x))`, where the script calls the net on a symbolic tensor in one spot."""
    calls = [e for e in case.trace.of_kind("call") if e.subject is backbone.model and e.result is not None]
    places = {e.place for e in calls if e.place is not None}
    if len(places) != 1:
        return None
    place = places.pop()
    unit = case.unit(place)
    for node in ast.walk((unit.tree() if unit else None) or ast.Module([], [])):
        if isinstance(node, ast.Call) and unit and place_in(unit, node, place.file) == place and node.args:
            inner = place_in(unit, node.args[0], place.file)
            return (edits.wrap(inner, f"{layer}({{}})"),)
    return None


def _in_sequence(case: Case, made: Place, layer: str) -> tuple[Operation, ...] | None:
    """A layer before the net's name in a list of layers, or before the line that adds it."""
    unit = case.unit(made)
    tree = unit.tree() if unit is not None else None
    if unit is None or tree is None:
        return None
    name = _name_of(unit, tree, made)
    spots = [*_elements(tree, name, unit, made)]
    if len(spots) != 1:
        return None
    return (edits.insert_layer(spots[0], layer, "before"),)


def _name_of(unit: Unit, tree: ast.Module, made: Place) -> str | None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and place_in(unit, node.value, made.file) == made:
            goal = node.targets[0]
            return goal.id if isinstance(goal, ast.Name) else None
    return None


def _elements(tree: ast.Module, name: str | None, unit: Unit, made: Place) -> list[Place]:
    """Where the net itself, or its name, is an element of a list of layers or the argument of an `add`."""
    found = []
    for node in ast.walk(tree):
        values: list[ast.expr] = []
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called == "Sequential" and node.args and isinstance(node.args[0], ast.List):
                values = node.args[0].elts
            elif called == "add":
                values = node.args[:1]
        for value in values:
            place = place_in(unit, value, made.file)
            if place == made or (isinstance(value, ast.Name) and value.id == name):
                found.append(place)
    return found
