"""A softmax over a single unit: every answer is 1.0.

What it is
    Softmax divides each value by the sum over its axis. Where that axis has one element, the result is
    1.0 whatever the network computed before.

Why it hurts
    Every prediction is class 1 with certainty, so accuracy equals the share of class 1 and stays there.
    On JAX and PyTorch no gradient reaches the layers before it. On TensorFlow the loss may fall all the
    same, because Keras takes the raw value from behind the softmax; the answers stay at 1.0.

Wrong
    model.add(Dense(1, activation="softmax"))

Right
    model.add(Dense(1, activation="sigmoid"))

How it was measured
    A batch is sent through the live model: the last layer ends in a softmax over an axis of length one,
    and all predictions are 1.0. The gradient of the loss is taken once, to say what the backend hides.

When it is wrong
    A softmax over time steps or places, on a tensor whose last axis happens to have one element, is
    attention and no fault; the rule looks at the axis that the live layer uses, and at the predictions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair.output_edits import set_activation
from headstart.doctor.views.model import activation_of

NAME = "softmax-one-unit"
GROUP = "output"
FIXES = True

EXPLAINS = (
    "loss-not-falling",
    "vanishing-gradient",
    "accuracy-wrong-form",
    "rate-too-low",
    "class-imbalance",
    "argmax-one-sigmoid",
    "binary-loss-exclusive-classes",
    "mse-for-classes",
    "units-not-classes",
    "class-mode-mismatch",
)


def check(case: Case) -> Iterable[Finding]:
    """Looks at the live output and at the layer that made it."""
    flow = case.probes.flow
    output = flow.output
    if not isinstance(output, np.ndarray) or output.ndim < 2 or output.size < 2:
        return
    layer = flow.last
    if layer is None or activation_of(layer) != "softmax" or output.shape[_axis(layer)] != 1:
        return
    if not np.allclose(output, 1.0, atol=1e-6):
        return
    evidence: dict[str, Any] = {"predictions": int(output.size), "lowest": 1.0, "highest": 1.0}
    ids = case.labels
    if ids is not None and len(ids):
        evidence["accuracy is pinned at the share of class 1"] = round(float((ids == 1).mean()), 3)
    try:
        gradients = case.probes.gradients
        evidence["gradient norm"] = round(gradients.total, 6)
        evidence["loss at the start"] = round(gradients.loss, 4)
    except ProbeError:
        pass
    hidden = case.backend == "tensorflow" and evidence.get("gradient norm", 0) > 0
    message = "the softmax is taken over a single unit, so every prediction is 1.0" + (
        " although TensorFlow lets the loss fall" if hidden else " and nothing can be learned"
    )
    place = case.place_of(layer)
    yield Finding(NAME, "error", place, message, evidence, EXPLAINS, _edit(case, layer), cost=1.0)


def _axis(layer: Any) -> int:
    axis = getattr(layer, "axis", -1)
    return int(axis) if isinstance(axis, int) else -1


def _edit(case: Case, layer: Any) -> Edit | None:
    ids, loss = case.labels, case.loss
    y = case.train.y if case.train is not None else None
    # Two columns of labels want two units, and only the author knows which.
    one_column = y is not None and np.asarray(y).size == len(y)
    if ids is None or not one_column or not set(np.unique(ids)) <= {0, 1}:
        return None
    if loss is None or loss.name not in (
        "binary_crossentropy",
        "binary_focal_crossentropy",
        "mean_squared_error",
    ):
        return None
    return set_activation(case, layer, "sigmoid", "Use a sigmoid on the single unit")
