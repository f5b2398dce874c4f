"""The same few steps at several rates, from the same weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.gradients import batch
from headstart.doctor.probes.steps import optimizer_like, train
from headstart.doctor.probes.untouched import value_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case

FACTORS = (1.0, 0.1, 0.01, 10.0, 100.0, 0.001)
"""Rates, as multiples of the user's, in the order in which they are tried while time lasts."""
STEPS = 15
SECONDS = 6.0


@dataclass(frozen=True)
class Sweep:
    """Losses on one batch.

    Attributes:
        rate: The user's rate.
        losses: For each rate that was tried, the loss before each step; it ends early where it is not finite.
    """

    rate: float
    losses: dict[float, tuple[float, ...]]

    def end(self, rate: float) -> float:
        """The last loss at a rate; infinite where it was not finite."""
        last = self.losses[rate][-1]
        return last if np.isfinite(last) else float("inf")

    @property
    def best(self) -> float:
        """The rate with the lowest last loss."""
        return min(self.losses, key=self.end)


def measure(case: Case) -> Sweep:
    """Tries the rates on the live model, putting the weights back between them."""
    import time

    rate = case.rate
    if rate is None or rate <= 0:
        raise ProbeError("the optimizer has no rate")
    data = batch(case, 32)
    variables = [v for v in case.model.variables if int(np.prod(v.shape)) < 5_000_000 or v.trainable]
    weights = [value_of(v) for v in variables]
    losses: dict[float, tuple[float, ...]] = {}
    started = time.perf_counter()
    for factor in FACTORS:
        if losses and time.perf_counter() - started > SECONDS:
            break
        tried = rate * factor
        losses[tried] = tuple(train(case.model, optimizer_like(case.optimizer, tried), data, STEPS))
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(value)
    return Sweep(rate, losses)
