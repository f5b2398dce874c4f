"""Loss and gradients of one batch in training mode, per trainable weight, without a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.steps import loss_and_gradients
from headstart.doctor.probes.untouched import value_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case


@dataclass(frozen=True)
class Gradient:
    """The gradient of one trainable weight.

    Attributes:
        variable: The weight.
        layer: The layer that owns it, or None.
        norm: Length of the gradient; NaN where it is not finite.
        weight_norm: Length of the weight.
        size: Number of elements.
    """

    variable: Any
    layer: Any
    norm: float
    weight_norm: float
    size: int


@dataclass(frozen=True)
class Gradients:
    """Loss and gradients at the start, on up to 64 rows.

    Attributes:
        loss: The loss, regularisation included.
        each: One entry a trainable weight, in the model's order.
        total: Length of the whole gradient.
    """

    loss: float
    each: tuple[Gradient, ...]
    total: float

    def of(self, layer: Any) -> tuple[Gradient, ...]:
        """The gradients of a layer's own weights."""
        return tuple(g for g in self.each if g.layer is layer)


def measure(case: Case) -> Gradients:
    """Takes the gradient once."""
    x, y, weight = batch(case)
    loss, pairs = loss_and_gradients(case.model, x, y, weight)
    owner = {id(v): layer for layer in [case.model, *case.layers] for v in layer._trainable_variables}
    each = []
    for variable, gradient in pairs:
        value = np.asarray(to_numpy(gradient), dtype=np.float64) if gradient is not None else np.zeros(1)
        each.append(
            Gradient(
                variable,
                owner.get(id(variable)),
                float(np.sqrt((value**2).sum())),
                float(np.linalg.norm(value_of(variable).astype(np.float64))),
                int(np.prod(variable.shape)),
            )
        )
    return Gradients(loss, tuple(each), float(np.sqrt(sum(g.norm**2 for g in each))))


def batch(case: Case, most: int = 64) -> tuple[Any, Any, Any]:
    """Rows for a training probe: fewer where a row is slow."""
    if case.train is None or case.train.y is None:
        raise ProbeError("no targets were seen")
    flow = case.probes.flow
    # Two rows are what a slow model has been sent before: some backends compile for each shape anew.
    rows = most if flow.seconds_per_row * most < 1.0 else max(2, int(0.4 / flow.seconds_per_row))
    index = case.rows(rows)
    train = case.train
    return take_rows(train.x, index), take_rows(train.y, index), take_rows(train.weight, index)
