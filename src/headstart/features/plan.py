"""In which order pictures go through the trunk, who watches, and when to stop before all are through."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from headstart.core.stopping import Stop

Watch = Callable[[Sequence[int], NDArray[np.float32]], None]
"""Told of features as they come: indices of sources, and their rows of shape (k, width)."""


@dataclass(frozen=True)
class Plan:
    """How a trunk pass goes about it.

    Attributes:
        order: Indices of the sources in the order in which they are wanted; empty for any order.
        stop: Asked between pictures; once it says so, no further picture is begun.
        watch: Told of features that were found or computed.
        calibrate: Indices of the sources that int8 may be calibrated on, the ones to take first in front;
            empty for all of them in their order.
    """

    order: Sequence[int] = ()
    stop: Stop = field(default_factory=Stop)
    watch: Watch | None = None
    calibrate: Sequence[int] = ()


def validation_first(
    labels: NDArray[np.int64], held: NDArray[np.int64], first: int, seed: int | None = None
) -> list[int]:
    """An order in which a useful answer comes soon and only gets better.

    Some of the held-out pictures come first, so that there is something to measure on; then the others, in
    random order, the classes in turn.

    Args:
        labels: Class of each picture, shape (n,).
        held: Indices of the pictures that are not trained on.
        first: How many of them come first.
        seed: Of the order; None takes another one in each process, so that two of them share the work.
    """
    shuffler = random.Random(os.getpid() if seed is None else seed)
    is_held = np.zeros(len(labels), np.bool_)
    is_held[held] = True
    measured = _in_turns([int(i) for i in np.flatnonzero(is_held)], labels, shuffler)
    trained = _in_turns([int(i) for i in np.flatnonzero(~is_held)], labels, shuffler)
    later = measured[first:]
    # What is left to measure on is spread evenly over what is trained on.
    places = [(at + 1) / (len(later) + 1) for at in range(len(later))]
    spread = [(at / max(1, len(trained)), 0, index) for at, index in enumerate(trained)]
    spread += [(place, 1, index) for place, index in zip(places, later, strict=True)]
    return measured[:first] + [index for _, _, index in sorted(spread)]


def to_calibrate(labels: NDArray[np.int64], eligible: NDArray[np.int64]) -> list[int]:
    """Indices of pictures to calibrate on: the classes in turn, the same order each time.

    Args:
        labels: Class of each picture, shape (n,).
        eligible: Indices of those that may be taken.
    """
    return _in_turns([int(i) for i in eligible], labels, random.Random(0))


def _in_turns(indices: list[int], labels: NDArray[np.int64], shuffler: random.Random) -> list[int]:
    """Shuffled, the first of each class before the second of any."""
    shuffler.shuffle(indices)
    seen: dict[int, int] = {}
    turns = []
    for index in indices:
        label = int(labels[index])
        seen[label] = turn = seen.get(label, 0) + 1
        turns.append(turn)
    return [indices[at] for at in sorted(range(len(indices)), key=turns.__getitem__)]
