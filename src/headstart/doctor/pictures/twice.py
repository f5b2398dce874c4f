"""A NumPy array that `preprocess_input` changed in place, and that was given to it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.doctor.capture.trace import Event

if TYPE_CHECKING:
    from headstart.doctor.case import Case

CHANGE = {"caffe": "caffe", "tf": "tf", "torch": "torch"}


@dataclass(frozen=True)
class Again:
    """The first and the second call on one array."""

    first: Event
    second: Event


def scaled_in_place_twice(case: Case) -> Again | None:
    """Two calls on the same floats, of which the second found what the first had left.

    Keras works on a float array in place and on a copy of any other. An array that was filled anew between
    the two calls holds raw pixels again, and is none of this.
    """
    from headstart.doctor.views.model import STYLES

    seen: list[Event] = []
    for event in case.trace.of_kind("preprocess"):
        array, kind = event.subject, str(event.arguments.get("dtype", ""))
        if array is None or not kind.startswith("float") or STYLES.get(event.name) not in CHANGE:
            continue
        for before in seen:
            if np.may_share_memory(before.subject, array) and _worked_on(before, event):
                return Again(before, event)
        seen = [*seen[-30:], event]
    return None


def _worked_on(before: Event, after: Event) -> bool:
    """Whether the second call met values that are no raw pixels, where the first had met raw ones."""
    raw = before.arguments["low"] >= 0 and before.arguments["high"] > 8
    low, high = after.arguments["low"], after.arguments["high"]
    return bool(raw and low < 0 and (high <= 160))
