"""Follows rows back: which rows of which earlier array an array holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from headstart.doctor.capture.trace import Event, Trace

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Lineage:
    """Where rows come from.

    Attributes:
        root: The earliest array that they could be followed to.
        rows: For each row, its number there.
        splits: The `train_test_split` calls on the way.
    """

    root: Any
    rows: Array
    splits: tuple[Event, ...]


def follow(trace: Trace, value: Any) -> Lineage:
    """Goes back through splits, encodings of labels and slices."""
    rows = np.arange(len(value))
    splits: list[Event] = []
    for _ in range(32):
        step = _split(trace, value) or _encoded(trace, value) or _slice(value)
        if step is None:
            break
        value, index, event = step
        rows = rows if index is None else index[rows]
        if event is not None:
            splits.append(event)
    return Lineage(value, rows, tuple(splits))


Step = tuple[Any, Array | None, "Event | None"]


def _split(trace: Trace, value: Any) -> Step | None:
    event = trace.event_of(value)
    if event is None or event.kind != "split":
        return None
    arrays, rows = event.arguments.get("arrays") or (), event.arguments.get("rows")
    at = next((i for i, part in enumerate(event.result) if part is value), None)
    if at is None or rows is None or at // 2 >= len(arrays):
        return None
    return arrays[at // 2], np.asarray(rows[at % 2]), event


def _encoded(trace: Trace, value: Any) -> Step | None:
    event = trace.event_of(value)
    if event is None or event.kind != "helper" or event.name != "to_categorical":
        return None
    given = event.arguments.get("x")
    if given is None or not hasattr(given, "__len__") or len(given) != len(value):
        return None
    return given, None, None


def _slice(value: Any) -> Step | None:
    base = getattr(value, "base", None)
    if not isinstance(value, np.ndarray) or not isinstance(base, np.ndarray):
        return None
    if not base.ndim or not len(value):
        return None
    wide = base.strides[0]
    offset = value.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    if not wide or offset % wide or value.strides[0] % wide or value.dtype != base.dtype:
        return None
    first, step = offset // wide, value.strides[0] // wide
    rows = first + step * np.arange(len(value))
    if not step or rows.min() < 0 or rows.max() >= len(base):
        return None
    return base, rows, None
