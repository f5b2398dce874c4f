"""The same short training on one batch with frozen layers as they are, and with all of them freed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.doctor.capture.samples import rows_of
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.gradients import batch
from headstart.doctor.probes.stepping import stepper
from headstart.doctor.probes.untouched import value_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case

STEPS = 50
RATE = 0.1
MOST = 2_000_000
"""Numbers in its weights up to which a model is trained twice."""
SECONDS = 12.0
"""About how long both trainings may take, judged from a plain pass; compiled steps are quicker."""


@dataclass(frozen=True)
class Freeing:
    """Losses of one batch of up to 64 rows, under Adam.

    Attributes:
        start: Before any step.
        frozen: After `steps` steps with the flags as the script set them.
        freed: After as many with every layer trainable.
    """

    steps: int
    start: float
    frozen: float
    freed: float


def measure(case: Case) -> Freeing:
    """Trains twice from the same weights and puts weights and flags back."""
    import keras

    model = case.model
    data = batch(case)
    slow = case.probes.flow.seconds_per_row * rows_of(data[0]) * 3 * 2 * STEPS > SECONDS
    if slow or model.count_params() > MOST:
        raise ProbeError("the model is too slow to train twice")
    variables = [v for layer in [model, *case.layers] for v in layer._trainable_variables]
    flags = [(layer, layer._trainable) for layer in [model, *case.layers]]
    each = [v.trainable for v in variables]
    weights = [(v, value_of(v)) for v in model.variables]

    def run() -> list[float]:
        steps = stepper(model, keras.optimizers.Adam(RATE))
        steps.begin(RATE)
        losses = [steps.step(data) for _ in range(STEPS)]
        for variable, value in weights:
            variable.assign(value)
        return losses

    as_is = run()
    try:
        # Not through the model's flag: on TensorFlow one that is True already is not handed down.
        for layer, _ in flags:
            layer._trainable = True
        for variable in variables:
            variable.trainable = True
        free = run()
    finally:
        for layer, flag in flags:
            layer._trainable = flag
        for variable, trainable in zip(variables, each, strict=True):
            variable.trainable = trainable
    return Freeing(STEPS, as_is[0], min(as_is), min(free))
