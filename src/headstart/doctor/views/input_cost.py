"""How long the data of a fit takes to come, against how long a step takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.doctor.records import Number, Severity

if TYPE_CHECKING:
    from headstart.doctor.case import Case

BACK_AND_FORTH = 3.0
"""A training step costs about three passes forward."""

LARGE = 60.0
"""Seconds of waiting in a whole fit from which it is a warning."""
MENTION = 3.0
"""Seconds from which it is mentioned."""


@dataclass(frozen=True)
class InputCost:
    """Seconds of a batch, of a step (at most), and of all batches of the fit."""

    batch: float
    step: float
    total: float

    @property
    def share(self) -> float:
        """The part of the time that goes into waiting for data; at least that."""
        return self.batch / (self.batch + self.step) if self.batch > 0 else 0.0

    @property
    def severity(self) -> Severity | None:
        """A warning where the waiting is long and most of the time; None where it is not worth a word."""
        if self.total >= LARGE and self.share >= 0.5:
            return "warning"
        return "info" if self.total >= MENTION and self.share >= 0.3 else None

    @property
    def evidence(self) -> dict[str, Number]:
        """The numbers for a finding."""
        return {
            "seconds until a batch comes": round(self.batch, 4),
            "seconds of a training step, at most": round(self.step, 4),
            "seconds of waiting in this fit": round(self.total, 1),
        }


def input_cost(case: Case) -> InputCost | None:
    """Works it out from the batches that were looked at, or None where too few were seen."""
    train = case.train
    # The first batch also fills shuffle buffers and starts readers.
    if train is None or len(train.seconds) < 3 or not train.steps or not train.batch_size:
        return None
    batch = float(np.median(train.seconds[1:]))
    total = batch * train.steps * case.epochs
    if total < MENTION:
        return None
    step = BACK_AND_FORTH * case.probes.flow.seconds_per_row * train.batch_size
    return InputCost(batch, step, total)
