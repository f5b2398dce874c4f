"""What is frozen, by which line, since when, and whether its weights were ever trained."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case
from headstart.doctor.probes.untouched import value_of
from headstart.doctor.records import Place
from headstart.doctor.views.model import every_layer

FIRST_VALUES: Mapping[str, float] = {
    "bias": 0.0,
    "beta": 0.0,
    "gamma": 1.0,
    "moving_mean": 0.0,
    "moving_variance": 1.0,
}
"""What Keras begins these weights with; any training or loading moves them."""

MEANT = re.compile(
    r"random[\s_-]*(features?|projections?|kitchen)|extreme learning|reservoir|untrained", re.I
)
"""Words of a script that wants its features random."""


def own_weights(layer: Any) -> list[Any]:
    """The weights of a layer itself that could be trained, whatever its flag says now."""
    return list(layer._trainable_variables)


def learners(case: Case) -> list[Any]:
    """The layers of the model that have weights of their own which could be trained."""
    found = [layer for layer in case.layers if own_weights(layer)]
    return [case.model, *found] if own_weights(case.model) else found


def in_backbones(case: Case) -> set[int]:
    """Ids of the layers that belong to a backbone of the model."""
    return {id(layer) for b in case.backbones for layer in (b.model, *every_layer(b.model))}


def is_first(variable: Any) -> bool | None:
    """Whether a bias, scale or running statistic still has its first value; None for other weights."""
    first = FIRST_VALUES.get(getattr(variable, "name", ""))
    return None if first is None else bool(np.all(value_of(variable) == first))


def untrained(layers: Iterable[Any]) -> bool:
    """Whether layers hold the values that they were made with, as far as biases and statistics tell.

    False where nothing tells: a layer without a bias, or with initializers of the user's own.
    """
    told = 0
    for layer in layers:
        kind = type(layer).__name__
        if not (kind == "Dense" or kind == "BatchNormalization" or kind.startswith(("Conv", "Depthwise"))):
            continue
        for variable in [*layer._trainable_variables, *layer._non_trainable_variables]:
            first = is_first(variable)
            if first is False:
                return False
            told += bool(first)
    return told > 0


def size(variables: Iterable[Any]) -> int:
    """Numbers in some variables."""
    return sum(int(np.prod(v.shape)) for v in variables)


def setters(case: Case, layer: Any) -> list[Event]:
    """The assignments of `trainable` that reached a layer: to itself or to what holds it."""
    found = []
    for event in case.trace.of_kind("trainable"):
        subject = event.subject
        if subject is layer or any(one is layer for one in _below(case, subject)):
            found.append(event)
    return found


def _below(case: Case, subject: Any) -> list[Any]:
    kept: dict[int, list[Any]] = case.trace.facts.setdefault("layers-below", {})
    if id(subject) not in kept:
        kept[id(subject)] = every_layer(subject)
    return kept[id(subject)]


def line_of_flag(case: Case, layer: Any) -> Place | None:
    """The line that gave a layer the flag that it has now."""
    events = setters(case, layer)
    if events:
        return events[-1].place
    made = case.trace.event_of(layer)
    return made.place if made is not None and "trainable" in made.given else None


def changed_since_compile(case: Case) -> list[Any]:
    """The layers with weights whose flag is another now than when the model was compiled."""
    if case.compile is None:
        return []
    flags = case.trace.facts.get("compiled-flags", {}).get(case.compile.order, {})
    return [
        layer for layer in learners(case) if id(layer) in flags and flags[id(layer)] != bool(layer.trainable)
    ]


def fits_before(case: Case) -> list[Event]:
    """Earlier trainings of this model."""
    now = case.fit.order if case.fit is not None else len(case.trace.events)
    trained = [*case.trace.of_kind("fit"), *case.trace.of_kind("train-on-batch")]
    return sorted(
        (e for e in trained if e.subject is case.model and e.order < now), key=lambda event: event.order
    )


def part_of_another(case: Case) -> bool:
    """Whether another compiled model holds this one, as a GAN's does its discriminator."""
    own = {id(layer) for layer in learners(case)}
    for event in case.trace.of_kind("compile"):
        other = event.subject
        if other is case.model:
            continue
        inside = {id(layer) for layer in every_layer(other)}
        if id(case.model) in inside or (own and own <= inside):
            return True
    return False


def steps_itself(model: Any) -> bool:
    """Whether the user's class takes its training steps itself."""
    for name in ("train_step", "_train_step", "compute_gradients"):
        owner = next((c for c in type(model).__mro__ if name in vars(c)), None)
        if owner is not None and not owner.__module__.startswith("keras."):
            return True
    return False


def receiver(case: Case, place: Place | None) -> str | None:
    """The text before the method of a call: "model" for `model.fit(...)`."""
    call = parsed(case, place)
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        return ast.unparse(call.func.value)
    return None


def receiver_of_flag(case: Case, place: Place) -> str | None:
    """The text before `.trainable` in the assignment that an event of kind "trainable" points at."""
    target = parsed(case, place)
    if isinstance(target, ast.Attribute) and target.attr == "trainable":
        return ast.unparse(target.value)
    return None


def parsed(case: Case, place: Place | None) -> ast.expr | None:
    """The expression at a place."""
    if place is None:
        return None
    try:
        return ast.parse(case.code(place).strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None


def same_scope(case: Case, first: Place, second: Place) -> bool:
    """Whether two places lie in the same function, or both in none, of one file."""
    if (first.file, first.cell) != (second.file, second.cell):
        return False
    return _function(case, first) == _function(case, second)


def _function(case: Case, place: Place) -> int | None:
    unit = case.unit(place)
    tree = unit.tree() if unit is not None else None
    inner: int | None = None
    for node in ast.walk(tree or ast.Module([], [])):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            and node.lineno <= place.line <= (node.end_lineno or 0)
            and (inner is None or node.lineno > inner)
        ):
            inner = node.lineno
    return inner
