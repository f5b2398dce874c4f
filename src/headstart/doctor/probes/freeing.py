"""The same short training on one batch with frozen layers as they are, and with all of them freed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.gradients import batch
from headstart.doctor.probes.steps import train
from headstart.doctor.probes.untouched import value_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case

STEPS = 50
RATE = 0.1
SECONDS = 4.0
"""For each training: only a model that is too slow to compare meets it."""
MOST = 2_000_000
"""Numbers in its weights up to which a model is trained twice."""


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
    if model.count_params() > MOST:
        raise ProbeError("the model is too large to train twice")
    data = batch(case)
    variables = [v for layer in [model, *case.layers] for v in layer._trainable_variables]
    flags = [(layer, layer._trainable) for layer in [model, *case.layers]]
    each = [v.trainable for v in variables]
    weights = [(v, value_of(v)) for v in model.variables]

    def run(steps: int) -> list[float]:
        losses = train(model, keras.optimizers.Adam(RATE), data, steps, SECONDS)
        for variable, value in weights:
            variable.assign(value)
        return losses

    as_is = run(STEPS)
    try:
        # Not through the model's flag: on TensorFlow one that is True already is not handed down.
        for layer, _ in flags:
            layer._trainable = True
        for variable in variables:
            variable.trainable = True
        free = run(len(as_is))
    finally:
        for layer, flag in flags:
            layer._trainable = flag
        for variable, trainable in zip(variables, each, strict=True):
            variable.trainable = trainable
    steps = min(len(as_is), len(free))
    if steps < STEPS // 2:
        raise ProbeError("the model is too slow to train twice")
    return Freeing(steps, as_is[0], min(as_is[:steps]), min(free[:steps]))


__all__: list[Any] = ["Freeing", "measure"]
