"""Edits of the function that a model's output ends in, and of the flag by which the loss takes raw values."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from headstart.doctor.capture.trace import Event
from headstart.doctor.records import Edit, Place
from headstart.doctor.repair import edits

if TYPE_CHECKING:
    from headstart.doctor.case import Case
    from headstart.doctor.views.loss import Loss

POSITIONS = {"Dense": 1, "Activation": 0, "Conv1D": 6, "Conv2D": 7, "Conv3D": 7}
"""Where the argument `activation` stands in each constructor, from 0."""
NAMED = ("Conv2DTranspose", "Conv1DTranspose", "EinsumDense", "SeparableConv2D", "DepthwiseConv2D")


def set_activation(case: Case, layer: Any, name: str, title: str, *, safe: bool = True) -> Edit | None:
    """Gives the output another function, where a line of the script makes that layer and no other."""
    event = own_line(case, layer)
    if event is None or event.place is None:
        return None
    place, kind = event.place, event.name
    if kind in POSITIONS or kind in NAMED:
        step = edits.set_argument(place, "activation", f'"{name}"', POSITIONS.get(kind))
        return Edit(title, (step,), safe=safe)
    if kind in ("ReLU", "Softmax", "LeakyReLU"):
        spelled = edits.spell(case, place, "Activation", f'"{name}"')
        return Edit(title, spelled.replacing(place), safe=safe) if spelled is not None else None
    return None


def own_line(case: Case, layer: Any) -> Event | None:
    """The event that made a layer, if the line names its class and makes only this one."""
    event = case.trace.event_of(layer) if layer is not None else None
    if event is None or event.kind != "layer" or event.place is None:
        return None
    if sum(1 for other in case.trace.of_kind("layer") if other.place == event.place) != 1:
        return None
    try:
        call = ast.parse(case.code(event.place), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(call, ast.Call):
        return None
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    return event if name == event.name else None


def loss_place(case: Case, loss: Loss | None) -> Place | None:
    """The line that made the loss object, else the one that compiles."""
    event = case.trace.event_of(loss.given) if loss is not None else None
    if event is not None and event.kind == "loss":
        return event.place
    return case.compile.place if case.compile is not None else None


def set_from_logits(case: Case, loss: Loss, value: bool, title: str) -> Edit | None:
    """Sets the flag on the loss object; None where the loss was given by its name."""
    event = case.trace.event_of(loss.given)
    if event is None or event.kind != "loss" or event.place is None:
        return None
    if (
        not value
        and "from_logits" in event.given
        and "from_logits=" in case.code(event.place).replace(" ", "")
    ):
        return Edit(title, (edits.remove_argument(event.place, "from_logits"),), safe=True)
    return Edit(title, (edits.set_argument(event.place, "from_logits", str(value), 0),), safe=True)
