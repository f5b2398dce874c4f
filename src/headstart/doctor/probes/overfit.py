"""Can the model learn one batch by heart? The user's own optimizer settings, up to fifty steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.probes.gradients import batch
from headstart.doctor.probes.steps import optimizer_like, train
from headstart.doctor.probes.untouched import value_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case

STEPS = 50


@dataclass(frozen=True)
class Overfit:
    """Training on one batch.

    Attributes:
        rows: Rows of the batch.
        losses: The loss before each step.
        before, after: Predictions for the batch in inference mode.
        update_ratio: Length of the first update over the length of the weights, per trainable weight.
    """

    rows: int
    losses: tuple[float, ...]
    before: Any
    after: Any
    update_ratio: tuple[tuple[Any, float], ...]

    @property
    def fell(self) -> float:
        """By what share of the first loss the loss fell; below 0 where it rose."""
        first, last = self.losses[0], self.losses[-1]
        return float((first - last) / abs(first)) if first else 0.0


def measure(case: Case) -> Overfit:
    """Trains on the live model; the probe's frame puts everything back."""
    data = batch(case, 32)
    model = case.model
    before = to_numpy(model(data[0], training=False))
    optimizer = optimizer_like(case.optimizer)
    variables = list(model.trainable_variables)
    weights = [value_of(v) for v in variables]
    losses = train(model, optimizer, data, 1)
    ratios = tuple(
        (v, float(np.linalg.norm(value_of(v) - w) / (np.linalg.norm(w) + 1e-12)))
        for v, w in zip(variables, weights, strict=True)
    )
    losses += train(model, optimizer, data, STEPS - 1)
    after = to_numpy(model(data[0], training=False))
    from headstart.doctor.capture.samples import rows_of

    return Overfit(rows_of(data[0]), tuple(losses), before, after, ratios)
