"""Walks a live `tf.data` pipeline back to where its rows come from, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.doctor.capture.trace import Event, Trace

MOST = 200
"""Steps after which walking stops."""


@dataclass(frozen=True)
class Step:
    """One data set of a pipeline.

    Attributes:
        dataset: The live object.
        name: What made it, in snake case and without "dataset": "map", "shuffle", "batch", "zip".
        event: The call of the script that made it, or None where Keras or TensorFlow did.
    """

    dataset: Any
    name: str
    event: Event | None


def steps(trace: Trace, dataset: Any) -> list[Step]:
    """The steps of a pipeline, the last one first, all branches included."""
    return list(_walk(trace, dataset, [MOST]))


def _walk(trace: Trace, dataset: Any, left: list[int]) -> Iterator[Step]:
    if left[0] <= 0:
        return
    left[0] -= 1
    yield Step(dataset, _name(dataset), trace.event_of(dataset))
    for one in inputs(dataset):
        yield from _walk(trace, one, left)


def inputs(dataset: Any) -> list[Any]:
    """The data sets that one reads from."""
    try:
        return list(dataset._inputs())
    except (AttributeError, NotImplementedError, TypeError):
        return []


def _name(dataset: Any) -> str:
    from headstart.doctor.views.loss import snake

    name = snake(type(dataset).__name__.strip("_"))
    for word in ("dataset", "parallel", "v1", "v2", "adapter"):
        name = name.replace(word, "")
    return name.strip("_").replace("__", "_")


def has(found: list[Step], *names: str) -> bool:
    """Whether one of the steps is of a kind."""
    return any(step.name in names for step in found)
