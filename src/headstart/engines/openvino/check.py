"""The rewritten graph against the exported one, on pictures: equal, and not slower."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.engines.openvino.engine import OpenVinoEngine

TOLERANCE = 1e-4
"""Largest difference in f32 that is still rounding, relative to the largest feature."""

SLOWER = 1.1
"""How many times the exported graph's time is taken as slower, and not as noise."""

PICTURES = 2
ROUNDS = 3


@dataclass(frozen=True)
class Check:
    """How the rewritten graph compares with the exported one.

    Attributes:
        difference: Largest difference of a feature, relative to the largest feature; infinite where a feature
            is not a number.
        speed_ratio: How many times as fast it is.
    """

    difference: float
    speed_ratio: float

    @property
    def passed(self) -> bool:
        """Whether the rewritten graph may be used."""
        return self.difference <= TOLERANCE and self.speed_ratio * SLOWER >= 1

    def note(self) -> str:
        """Why it may not, as a sentence."""
        if self.difference > TOLERANCE:
            return (
                f"The channels-first graph differed from the exported one by {self.difference:.1e} of the "
                "largest feature, so the exported one is used."
            )
        return (
            f"The channels-first graph ran at {self.speed_ratio:.2f} times the exported one's speed, so the "
            "exported one is used."
        )


Answer = Callable[[], Sequence[NDArray[np.float32]]]
"""Runs an engine on the pictures or samples of a check, and gives its outputs."""


def compare(exported: OpenVinoEngine, rewritten: OpenVinoEngine, pictures: NDArray[np.uint8]) -> Check:
    """Runs both, in f32, on the same pictures."""
    pictures = pictures[:PICTURES]

    def answer(engine: OpenVinoEngine) -> list[NDArray[np.float32]]:
        return [next(iter(engine.run([(None, pictures)])))[1]]

    return compare_answers(lambda: answer(exported), lambda: answer(rewritten))


def compare_answers(exported: Answer, rewritten: Answer) -> Check:
    """Runs both on the same; a further round only where the rewritten one seems slower."""
    expected, slow = _timed(exported)
    found, fast = _timed(rewritten)
    for _ in range(ROUNDS - 1):
        if fast <= slow * SLOWER:
            break
        slow = min(slow, _timed(exported)[1])
        fast = min(fast, _timed(rewritten)[1])
    apart = max(difference(one, other) for one, other in zip(expected, found, strict=True))
    return Check(apart, slow / fast)


def difference(expected: NDArray[np.float32], found: NDArray[np.float32]) -> float:
    """Largest difference, relative to the largest of what was expected."""
    if not np.isfinite(found).all() or not np.isfinite(expected).all():
        return np.inf
    apart = float(np.abs(expected - found).max(initial=0))
    largest = float(np.abs(expected).max(initial=0))
    return apart / largest if largest > 0 else (np.inf if apart > 0 else 0.0)


def drawn(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Pictures for a check where the caller has none: smooth patches under noise, the same each time.

    Args:
        shape: (height, width, channels).
    """
    height, width, channels = shape
    rng = np.random.default_rng(20)
    patches = rng.integers(0, 256, (PICTURES, -(-height // 32), -(-width // 32), channels))
    smooth = patches.repeat(32, axis=1).repeat(32, axis=2)[:, :height, :width]
    noise = rng.normal(0, 12, smooth.shape)
    return np.clip(smooth + noise, 0, 255).astype(np.uint8)


def _timed(answer: Answer) -> tuple[Sequence[NDArray[np.float32]], float]:
    started = time.perf_counter()
    outputs = answer()
    return outputs, time.perf_counter() - started
