"""Where the script scales its pixels: the layers, calls and arguments that could be the cause."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.model_view import Backbone
from headstart.doctor.records import Edit, Operation, Place
from headstart.doctor.repair import edits


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
                    end = (
                        len(
                            unit.text.splitlines()[node.end_lineno - 1]
                            .encode()[: node.end_col_offset]
                            .decode()
                        )
                        if node.end_lineno
                        else 0
                    )
                    found.append(
                        Place(
                            case.script,
                            node.lineno,
                            node.col_offset + 1,
                            end + 1,
                            node.end_lineno or 0,
                            unit.cell,
                        )
                    )
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
    if scaler.kind == "generator":
        return (
            *keras.operations,
            edits.remove_argument(place, "rescale"),
            edits.set_argument(place, "preprocessing_function", function),
        )
    if scaler.kind == "preprocess":
        return (*keras.operations, edits.set_callee(place, function))
    return None
