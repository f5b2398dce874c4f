"""The same batch in inference and in training mode, twice each: what changes, and what is random."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.flow import Pass, listening

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Modes:
    """Outputs of one batch of up to 32 rows.

    Attributes:
        inference, inference_again: Two passes with training=False; equal unless something random is left on.
        training, training_again: Two with training=True.
        training_passes: The layers of the first training pass.
    """

    inference: Array
    inference_again: Array
    training: Array
    training_again: Array
    training_passes: tuple[Pass, ...]

    @property
    def random_at_inference(self) -> bool:
        """Whether two inference passes differ by more than rounding."""
        return not np.allclose(self.inference, self.inference_again, rtol=1e-4, atol=1e-5)

    @property
    def random_in_training(self) -> bool:
        """Whether two training passes differ by more than rounding."""
        return not np.allclose(self.training, self.training_again, rtol=1e-4, atol=1e-5)


def measure(case: Case) -> Modes:
    """Runs the four passes."""
    flow = case.probes.flow
    if not isinstance(flow.output, np.ndarray) or case.train is None:
        raise ProbeError("the model has several outputs")
    rows = int(np.clip(1.0 / max(flow.seconds_per_row, 1e-6), 4, 32))
    x = take_rows(case.train.x, case.rows(rows))
    model = case.model
    calm = [np.asarray(to_numpy(model(x, training=False))) for _ in range(2)]
    passes: list[Pass] = []
    with listening(passes):
        training = np.asarray(to_numpy(model(x, training=True)))
    again = np.asarray(to_numpy(model(x, training=True)))
    return Modes(calm[0], calm[1], training, again, tuple(passes))
