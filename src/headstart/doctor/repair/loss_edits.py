"""Edits of the compiled loss and metrics, and of the layer before them, however the script wrote them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from headstart.doctor.records import Edit, Operation, Place
from headstart.doctor.repair import edits

if TYPE_CHECKING:
    from headstart.doctor.case import Case
    from headstart.doctor.views.metrics import Metric


def set_loss(case: Case, title: str, name: str, *, safe: bool = True) -> Edit | None:
    """Compiles with another loss of Keras's, keeping `from_logits`.

    Args:
        case: The case.
        title: What the edit does.
        name: The loss as a string, such as "sparse_categorical_crossentropy".

    Returns:
        The edit; None where a setting of the old loss would be lost, or where no line is known.
    """
    steps = loss_steps(case, name)
    return Edit(title, steps, safe=safe) if steps else None


def loss_steps(case: Case, name: str) -> tuple[Operation, ...]:
    """The steps of `set_loss`; none where it cannot be done."""
    loss, event = case.loss, case.compile
    if loss is None or event is None or event.place is None:
        return ()
    if isinstance(loss.given, str) or hasattr(loss.given, "__name__"):
        given: Any = event.arguments.get("loss")
        if isinstance(given, dict | list | tuple):
            return ()
        return (edits.set_argument(event.place, "loss", f'"{name}"', 1),)
    made = case.trace.event_of(loss.given)
    if made is None or made.place is None or made.kind != "loss":
        return ()
    kept = {argument: made.arguments.get(argument) for argument in made.given}
    if set(kept) - {"from_logits", "name"} or len(kept) != len(made.given):
        return ()
    if not loss.from_logits:
        return (edits.replace(made.place, f'"{name}"'),)
    cls = "".join(part.capitalize() for part in name.split("_"))
    spelled = edits.spell(case, made.place, cls, "from_logits=True")
    return spelled.replacing(made.place) if spelled is not None else ()


def set_metric(case: Case, metric: Metric, title: str, name: str) -> Edit | None:
    """Puts the metric `name`, a string, in place of another; None where its text cannot be told."""
    event = case.compile
    if event is None or event.place is None or metric.place is None:
        return None
    if metric.place != event.place:
        return Edit(title, (edits.replace(metric.place, f'"{name}"'),), safe=True)
    if metric.alone and "weighted_metrics" not in event.given:
        return Edit(title, (edits.set_argument(event.place, "metrics", f'["{name}"]', 3),), safe=True)
    return None


def sole_place(case: Case, layer: Any) -> Place | None:
    """The call that made a layer, if it names the layer's class and makes only this one.

    A line in a loop or in a function of the script's makes several, which one edit must not change alike.
    """
    event = case.trace.event_of(layer) if layer is not None else None
    if event is None or event.kind != "layer" or event.place is None:
        return None
    if sum(other.place == event.place for other in case.trace.of_kind("layer")) != 1:
        return None
    try:
        # Brackets, because a call may go over several lines.
        call = ast.parse(f"({case.code(event.place)})", mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(call, ast.Call):
        return None
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    return event.place if name == event.name else None
