"""Reads the metrics that a model was compiled with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.doctor.records import Place
from headstart.doctor.views.loss import snake

if TYPE_CHECKING:
    from headstart.doctor.case import Case

AUTO = "accuracy by shape"
"""The string "accuracy": Keras picks the form that fits the shapes."""
PLAIN = "accuracy"
"""The class `Accuracy`: the share of predictions that equal the label to the last digit."""
DISTANCES = (
    "mae",
    "mse",
    "mean_absolute_error",
    "mean_squared_error",
    "root_mean_squared_error",
    "mean_absolute_percentage_error",
    "r2_score",
)
"""Metrics of numbers: how far the answers are from the targets."""
ACCURACIES = (AUTO, PLAIN, "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy")


@dataclass(frozen=True)
class Metric:
    """A metric of Keras's own.

    Attributes:
        name: "binary_accuracy" and so on; `AUTO` for the string "accuracy", `PLAIN` for the class.
        given: What the script gave: a string, an object or a function.
        place: The line that made it, or else that of `compile`.
        alone: Whether it is the only metric of the `compile`.
    """

    name: str
    given: Any
    place: Place | None
    alone: bool


def given_metrics(case: Case) -> list[Any]:
    """What the compile before this fit was given as metrics: strings, objects and functions, flat."""
    event = case.compile
    if event is None:
        return []
    return [*_flat(event.arguments.get("metrics")), *_flat(event.arguments.get("weighted_metrics"))]


def metrics_of(case: Case) -> list[Metric]:
    """The metrics of the compile before this fit, those of the user's own left out."""
    event = case.compile
    if event is None:
        return []
    given = given_metrics(case)
    found = []
    for one in given:
        name = _name(one)
        if name is not None:
            made = case.trace.event_of(one) if not isinstance(one, str) else None
            place = made.place if made is not None and made.place is not None else event.place
            found.append(Metric(name, one, place, len(given) == 1))
    return found


def measures(case: Case) -> bool:
    """Whether the script measures distances and counts no right answers: its targets are numbers."""
    names = {metric.name for metric in metrics_of(case)}
    return bool(names & set(DISTANCES)) and not names & set(ACCURACIES)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from _flat(part)
    elif value is not None:
        yield value


def _name(given: Any) -> str | None:
    if isinstance(given, str):
        low = given.lower()
        return AUTO if low in ("accuracy", "acc") else snake(given)
    if callable(given) and hasattr(given, "__name__"):
        ours = str(getattr(given, "__module__", "")).startswith("keras.")
        # A class passed without its brackets is taken for what it makes.
        name = snake(given.__name__) if ours else None
    else:
        cls = type(given)
        name = snake(cls.__name__) if cls.__module__.startswith("keras.") else None
    return name
