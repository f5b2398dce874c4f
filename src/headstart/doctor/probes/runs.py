"""What a short training came to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Run:
    """What a short training came to.

    Attributes:
        steps: Steps that were taken.
        losses: The loss of the batch before each step, penalties included.
        start: Loss of the held-out rows before the first step, weight penalties left out.
        end: The same after the last step; infinite where it is no number.
        guess: The loss of the best constant answer on those rows.
        accuracy: Share of held-out rows answered rightly; None where the targets are no classes.
        course: The loss of the held-out rows after every so many steps, where that was asked for.
    """

    steps: int
    losses: tuple[float, ...]
    start: float
    end: float
    guess: float
    accuracy: float | None = None
    course: tuple[float, ...] = ()

    @property
    def finite(self) -> bool:
        """Whether the loss stayed a number."""
        return bool(np.isfinite(self.end)) and bool(np.isfinite(self.losses).all())

    @property
    def explained(self) -> float:
        """What share of the loss of a constant answer is gone: 0 is no better than guessing, 1 is all."""
        return float(1 - self.end / self.guess) if np.isfinite(self.end) else float("-inf")

    @property
    def tail(self) -> float:
        """The mean loss of the last tenth of the batches; infinite where it is no number."""
        last = self.losses[-max(3, len(self.losses) // 10) :]
        return float(np.mean(last)) if np.isfinite(last).all() else float("inf")

    @property
    def fitted(self) -> float:
        """As `explained`, on the batches trained on last."""
        return float(1 - self.tail / self.guess) if np.isfinite(self.tail) else float("-inf")

    @property
    def at_start(self) -> float:
        """The same before the first step."""
        return float(1 - self.start / self.guess) if np.isfinite(self.start) else float("-inf")
