"""How large a rate is for weights that are trained already, and how far its first step moves them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes.untouched import value_of
from headstart.doctor.views.freezing import own_weights
from headstart.doctor.views.model import Backbone, every_layer

ADAPTIVE = ("Adam", "AdamW", "Nadam", "Adamax", "RMSprop", "Lion")
"""Optimizers whose first step has the size of the rate, whatever the gradient."""


def from_scratch(case: Case, adaptive: float, plain: float) -> bool:
    """Whether the rate of the first step is one for training from scratch.

    False where the rate is scheduled by a callback, or by an optimizer of another kind: it cannot be told.

    Args:
        adaptive: From which rate on for Adam and its kin.
        plain: From which on for SGD.
    """
    rate = case.rate
    if rate is None or scheduled(case) or getattr(case.optimizer, "inner_optimizer", None) is not None:
        return False
    kind = type(case.optimizer).__name__
    return (kind in ADAPTIVE and rate >= adaptive) or (kind == "SGD" and rate >= plain)


def scheduled(case: Case) -> bool:
    """Whether a callback sets the rate from the start."""
    callbacks: Any = case.fit_argument("callbacks") or []
    if not isinstance(callbacks, list | tuple):
        callbacks = getattr(callbacks, "callbacks", [callbacks])
    # Of one's own, too: its name may say anything, so any that is no part of Keras counts.
    return any(
        type(one).__name__ == "LearningRateScheduler" or not type(one).__module__.startswith("keras.")
        for one in callbacks
    )


def kernels(backbone: Backbone) -> list[Any]:
    """The weights of a backbone with two axes or more: those that hold what it knows."""
    layers = every_layer(backbone.model)
    return [v for layer in layers for v in own_weights(layer) if len(v.shape) > 1]


def first_step(case: Case, variables: list[Any]) -> float | None:
    """By what share of its length an adaptive optimizer's first step moves the middle one of some weights."""
    if type(case.optimizer).__name__ not in ADAPTIVE or case.rate is None or not variables:
        return None
    shares = [
        case.rate * math.sqrt(int(np.prod(v.shape))) / (float(np.linalg.norm(value_of(v))) + 1e-12)
        for v in variables
    ]
    return float(np.median(shares))
