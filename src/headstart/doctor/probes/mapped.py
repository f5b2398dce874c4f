"""Layers that the training data goes through in a `map`, each with what enters and leaves it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.doctor.capture.trace import Event
from headstart.doctor.probes.flow import Pass, listening

if TYPE_CHECKING:
    from headstart.doctor.case import Case

LARGE = 40_000_000
"""Elements of a batch above which it is not sent through."""


@dataclass(frozen=True)
class Mapped:
    """One `map` whose function calls layers.

    Attributes:
        event: The step.
        layers: The layers and models that the function refers to.
        passes: Every layer that was called for one element, in the order in which they finished.
    """

    event: Event
    layers: tuple[Any, ...]
    passes: tuple[Pass, ...]


def measure(case: Case) -> tuple[Mapped, ...]:
    """Runs each such function on the first element that it would get."""
    train = case.train
    if train is None or train.kind != "tf.data":
        return ()
    from headstart.doctor.capture.pipeline import detached

    found = []
    event = case.trace.event_of(train.source)
    for _ in range(64):
        if event is None or event.kind != "dataset":
            break
        function = event.arguments.get("map_func")
        if event.name == "map" and callable(function) and event.subject is not None:
            layers = layers_in(function)
            if layers:
                copy = detached(event.subject, shuffled=False)
                element = next(iter(copy.take(1))) if copy is not event.subject else None
                if element is not None and _size(element) < LARGE:
                    passes: list[Pass] = []
                    with listening(passes):
                        function(*element) if isinstance(element, tuple) else function(element)
                    found.append(Mapped(event, layers, tuple(passes)))
        event = case.trace.event_of(event.subject) if event.subject is not None else None
    return tuple(found)


def layers_in(function: Callable[..., Any]) -> tuple[Any, ...]:
    """Keras layers that a function refers to, by outer names or through helpers that it calls."""
    import keras

    found: dict[int, Any] = {}
    seen: set[int] = set()
    open_: list[Any] = [function]
    while open_ and len(seen) < 50:
        value = open_.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, keras.layers.Layer):
            found[id(value)] = value
        elif inspect.isfunction(value):
            names = inspect.getclosurevars(value)
            open_.extend(v for v in names.nonlocals.values() if callable(v))
            own = (v for v in names.globals.values() if callable(v))
            open_.extend(v for v in own if inspect.isfunction(v) or isinstance(v, keras.layers.Layer))
    return tuple(found.values())


def _size(element: Any) -> int:
    if isinstance(element, tuple | list):
        return max((_size(part) for part in element), default=0)
    if isinstance(element, dict):
        return max((_size(part) for part in element.values()), default=0)
    shape = getattr(element, "shape", None)
    size = 1
    for n in shape or ():
        size *= int(n or 1)
    return size
