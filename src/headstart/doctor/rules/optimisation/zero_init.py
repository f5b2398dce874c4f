"""All units of a hidden layer start alike, and stay alike.

What it is
    With all weights zero, or one, or any other constant, every unit of the layer computes the same and gets
    the same gradient. No step ever tells them apart.

Why it hurts
    A layer of 64 such units is worth one unit; with zeros everywhere, and ReLU, not even that moves.

Wrong
    model.add(Dense(64, activation="relu", kernel_initializer="zeros"))

Right
    model.add(Dense(64, activation="relu"))

How it was measured
    In the live weights of a hidden layer all columns are equal, and so are all columns of its gradient on
    one batch.

When it is wrong
    Zero biases, a zero last layer, and zero weights at the end of a residual branch get unequal gradients
    and are left alone: the gradient decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.gradients import batch
from headstart.doctor.probes.meanwhile import swapped
from headstart.doctor.probes.steps import loss_and_gradients
from headstart.doctor.probes.untouched import untouched, value_of
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.optimisation._chain import own_leaves

NAME = "zero-init"
GROUP = "optimisation"
FIXES = True

EXPLAINS = (
    "loss-not-falling",
    "dead-relu",
    "vanishing-gradient",
    "rate-too-low",
    "optimiser-default-weak",
    "epochs-too-few",
    "saturated-sigmoids",
    "wide-init",
    "rate-too-high",
)


def check(case: Case) -> Iterable[Finding]:
    """Compares the units of each hidden layer, in weights and in gradients."""
    last = case.probes.flow.last
    suspects = [p.layer for p in own_leaves(case) if p.layer is not last and _alike(_kernel(p.layer))]
    suspects = list(dict.fromkeys(suspects))
    if not suspects:
        return
    gradients = _gradients(case)
    found = []
    for layer in suspects:
        gradient = gradients.get(id(layer.kernel))
        if gradient is not None and _alike(gradient):
            found.append(layer)
    if not found:
        return
    layer = found[0]
    kernel = _kernel(layer)
    assert kernel is not None
    gradient = gradients[id(layer.kernel)]
    value = float(kernel.reshape(-1)[0])
    one_value = bool(np.all(kernel == kernel.reshape(-1)[0]))
    nothing = not np.any(gradient)
    yield Finding(
        NAME,
        "error",
        case.place_of(layer),
        f"all {kernel.shape[-1]} units start with the same weights"
        + (" and get no gradient" if nothing else " and get the same gradient")
        + ", so they never differ",
        {
            "layers": ", ".join(one.name for one in found),
            "units": int(kernel.shape[-1]),
            "every weight is": value if one_value else "equal across units",
            "gradient norm": round(float(np.linalg.norm(gradient)), 6),
            "largest difference between the gradients of two units": float(np.ptp(gradient, axis=-1).max()),
        },
        EXPLAINS,
        _edit(case, found),
        cost=1.0 if nothing else 0.5,
    )


def _kernel(layer: Any) -> Any:
    if type(layer).__name__ not in ("Dense", "Conv1D", "Conv2D", "Conv3D", "EinsumDense"):
        return None
    kernel = getattr(layer, "kernel", None)
    if kernel is None or not layer.trainable or len(kernel.shape) < 2 or kernel.shape[-1] < 2:
        return None
    return value_of(kernel)


def _alike(columns: Any) -> bool:
    """Whether all units, the last axis, are equal up to rounding."""
    if columns is None:
        return False
    flat = columns.reshape(-1, columns.shape[-1]).astype("float64")
    size = np.abs(flat).max()
    return bool(np.abs(flat - flat[:, :1]).max() <= 1e-4 * size)


def _gradients(case: Case) -> dict[int, Any]:
    """The gradient of each weight on one batch, dropout switched off."""
    x, y, weight = batch(case, 32)
    dropouts = [layer for layer in case.layers if type(layer).__name__.endswith("Dropout")]
    try:
        with untouched(case.model), swapped(dropouts, "rate", 0.0):
            pairs = loss_and_gradients(case.model, x, y, weight)[1]
    except Exception as error:
        raise ProbeError(str(error)) from error
    return {id(v): np.asarray(to_numpy(g)) for v, g in pairs if g is not None}


def _edit(case: Case, layers: list[Any]) -> Edit | None:
    steps = []
    for layer in layers:
        event = case.trace.event_of(layer)
        if event is None or event.place is None or "kernel_initializer" not in event.given:
            return None
        if "kernel_initializer=" not in case.code(event.place).replace(" ", ""):
            return None
        step = edits.remove_argument(event.place, "kernel_initializer")
        if step not in steps:
            steps.append(step)
    return Edit("Start from the default, random weights", tuple(steps), safe=True) if steps else None
