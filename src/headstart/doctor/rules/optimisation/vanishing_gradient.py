"""The gradient is lost on its way to the first layers.

What it is
    Each layer multiplies the gradient by its weights and slopes. Where these are mostly below one, many
    layers in a row leave nothing of it.

Why it hurts
    The first layers stay at their random start, and the rest has only noise to work with.

Wrong
    for _ in range(30):
        model.add(Dense(16, activation="softsign"))

Right
    for _ in range(30):
        model.add(Dense(16, activation="relu", kernel_initializer="he_normal"))
        model.add(BatchNormalization())

How it was measured
    The gradient of the user's loss on one batch: its length in the first trained layer against that of the
    layer's weights, and that the planned run does not learn.

When it is wrong
    Frozen layers have no gradient by design and are left out; a net that learns all the same is left alone.
    Where a cause was found, it is named in its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.probes.gradients import Gradient
from headstart.doctor.probes.planned import own_training
from headstart.doctor.records import Finding
from headstart.doctor.rules.optimisation._chain import WEIGHTED, own_leaves
from headstart.doctor.rules.optimisation._settings import fresh, quick

NAME = "vanishing-gradient"
GROUP = "optimisation"
SYMPTOM = True

SHRUNK = 1e-6
"""Gradient over weights below which a layer stands still; healthy ones start a thousand times above."""


def check(case: Case) -> Iterable[Finding]:
    """Measures what arrives at the first layer, and trains where that is next to nothing."""
    if case.fit is None or not own_training(case.model) or not fresh(case):
        return
    layers = [p.layer for p in own_leaves(case) if type(p.layer).__name__ in WEIGHTED]
    if len(layers) < 4 or not quick(case):
        return
    gradients = case.probes.gradients
    shares = [(layer, _share(gradients.of(layer), layer)) for layer in layers if layer.trainable]
    if len(shares) < 4 or not shares[0][1] < SHRUNK:
        return
    run = case.probes.lab.run()
    if run.fitted > 0.1 or run.explained > 0.1:
        return
    first, share = shares[0]
    yield Finding(
        NAME,
        "warning",
        case.place_of(first),
        f"the gradient of the first layer is {share:.0e} of its weights, and the loss does not fall",
        {
            "weighted layers": len(shares),
            "gradient over weights, first layer": float(f"{share:.2g}"),
            "gradient over weights, last layer": float(f"{shares[-1][1]:.2g}"),
            "loss of a constant answer": round(run.guess, 4),
            "loss after the trial": round(run.end, 4),
        },
        cost=0.8,
    )


def _share(gradients: tuple[Gradient, ...], layer: Any) -> float:
    """The length of the gradient of a layer's kernel over that of the kernel."""
    for one in gradients:
        if one.variable is getattr(layer, "kernel", None) and one.weight_norm > 0:
            return one.norm / one.weight_norm
    return float("inf")
