"""Where the script scales its pixels: the layers, calls and arguments that could be the cause."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.lines.nodes import place_in
from headstart.doctor.records import Edit, Operation, Place
from headstart.doctor.repair import edits
from headstart.doctor.views.model import STYLES, Backbone


@dataclass(frozen=True)
class Scaler:
    """A spot that scales pixels on their way to the backbone.

    Attributes:
        kind: "layer" (Rescaling or Normalization in the model), "preprocess" (a `preprocess_input`),
            "generator" (rescale= of an ImageDataGenerator), or "division" (a division by 255 or 127.5).
        place: Its line.
        thing: The layer or the event, where there is one.
    """

    kind: str
    place: Place
    thing: Any = None


def scalers(case: Case, backbone: Backbone) -> list[Scaler]:
    """All that scale, those inside the model first."""
    found: list[Scaler] = []
    own = {id(layer) for layer in backbone.model.layers}
    for layer in case.layers:
        place = case.place_of(layer)
        scales = type(layer).__name__ in ("Rescaling", "Normalization") or _preprocesses(layer)
        if scales and id(layer) not in own and place:
            found.append(Scaler("layer", place, layer))
    seen: set[Place] = set()
    inside = {id(layer) for layer in case.layers} | own
    called_layers = {id(event.subject) for event in case.trace.of_kind("call")}
    for event in case.trace.of_kind("layer"):
        # A layer that a map calls, outside the model.
        scales = event.name in ("Rescaling", "Normalization") and id(event.result) in called_layers - inside
        if scales and event.place is not None and event.place not in seen:
            seen.add(event.place)
            found.append(Scaler("layer", event.place, event.result))
    for event in case.trace.of_kind("preprocess"):
        if event.place is not None and event.place not in seen:
            seen.add(event.place)
            found.append(Scaler("preprocess", event.place, event))
    found.extend(
        Scaler("generator", event.place, event)
        for event in case.trace.of_kind("image-generator")
        if event.place is not None
        and (event.arguments.get("rescale") or event.arguments.get("preprocessing_function"))
    )
    called = {(s.place.file, s.place.cell, s.place.line) for s in found}
    found.extend(
        Scaler("division", place)
        for place in divisions(case)
        if (place.file, place.cell, place.line) not in called
    )
    return found


def _preprocesses(layer: Any) -> bool:
    """Whether a layer is a Lambda round some family's `preprocess_input`."""
    function = getattr(layer, "function", None)
    return type(layer).__name__ == "Lambda" and getattr(function, "__name__", "") == "preprocess_input"


def divisions(case: Case) -> list[Place]:
    """Divisions by 255 or 127.5 and multiplications by 1/255 in the text, outside calls that are known."""
    found = []
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
                divisor = node.right if isinstance(node, ast.BinOp) else node.value
                one = isinstance(node, ast.BinOp) and isinstance(node.left, ast.Constant)
                if _number(divisor) in (255.0, 127.5, 128.0) and not one:
                    found.append(place_in(unit, node, case.script))
    return found


def _number(node: ast.AST) -> float | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Call) and node.args:
        return _number(node.args[0])  # np.float32(255)
    return None


def own_scaling(case: Case, backbone: Backbone, scaler: Scaler) -> Edit | None:
    """The edit that puts the backbone's own scaling where another is; None where that is not plain."""
    title = f"Scale pixels the way {backbone.name} was trained"
    steps = _steps(case, backbone, scaler)
    return None if steps is None else Edit(title, steps, safe=True)


def unscaled(case: Case, found: list[Scaler]) -> Edit | None:
    """The edit that takes all scaling away, for a net that scales inside; None where that is not plain."""
    steps: list[Operation] = []
    for scaler in found:
        kind = type(scaler.thing).__name__
        if scaler.kind == "preprocess" and STYLES.get(scaler.thing.name) == "inside":
            continue
        if scaler.kind == "generator" and not scaler.thing.arguments.get("preprocessing_function"):
            steps.append(edits.remove_argument(scaler.place, "rescale"))
        elif scaler.kind == "layer" and kind == "Rescaling":
            layer = edits.spell(case, scaler.place, "Identity")
            if layer is None:
                return None
            steps.extend(layer.replacing(scaler.place))
        elif scaler.kind == "division":
            step = _undivided(case, scaler.place)
            if step is None:
                return None
            steps.append(step)
        else:
            return None
    return Edit("Leave the scaling to the net", tuple(steps), safe=len(found) == 1) if steps else None


def undone(case: Case, layer: Any) -> Edit | None:
    """The edit that takes one scaling layer out of the model."""
    place = case.place_of(layer)
    identity = edits.spell(case, place, "Identity") if place is not None else None
    if place is None or identity is None:
        return None
    return Edit("Scale the pixels once", identity.replacing(place), safe=True)


def _undivided(case: Case, place: Place) -> Operation | None:
    """The step from `x / 255` to `x`; None for divisions that are one part of more."""
    try:
        node = ast.parse(case.code(place)).body[0]
    except (SyntaxError, IndexError):
        return None
    if isinstance(node, ast.AugAssign) and _number(node.value) == 255:
        return edits.remove_statement(place)
    value = node.value if isinstance(node, ast.Expr) else None
    if isinstance(value, ast.BinOp) and _number(value.right) == 255:
        return edits.replace(place, ast.unparse(value.left))
    return None


def _steps(case: Case, backbone: Backbone, scaler: Scaler) -> tuple[Operation, ...] | None:
    place = scaler.place
    if case.unit(place) is None:
        return None
    keras = edits.keras_name(case, place)
    function = f"{keras.code}.applications.{backbone.family}.preprocess_input"
    if scaler.kind == "layer" and (type(scaler.thing).__name__ == "Rescaling" or _preprocesses(scaler.thing)):
        if backbone.style == "tf" and type(scaler.thing).__name__ == "Rescaling":
            return (
                edits.set_argument(place, "scale", "1 / 127.5", 0),
                edits.set_argument(place, "offset", "-1", 1),
            )
        layer = edits.spell(case, place, "Lambda", function)
        return None if layer is None else (*keras.operations, *layer.replacing(place))
    if scaler.kind == "division" and backbone.style == "tf":
        try:
            value = ast.parse(case.code(place), mode="eval").body
        except SyntaxError:
            return None
        if isinstance(value, ast.BinOp) and _number(value.right) == 255:
            return (edits.replace(place, f"({ast.unparse(value.left)} / 127.5 - 1)"),)
        return None
    if scaler.kind == "generator":
        return (
            *keras.operations,
            edits.remove_argument(place, "rescale"),
            edits.set_argument(place, "preprocessing_function", function),
        )
    if scaler.kind == "preprocess":
        return (*keras.operations, edits.set_callee(place, function))
    return None
