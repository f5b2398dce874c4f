"""Weight penalties so strong that the model shrinks instead of learning.

What it is
    `kernel_regularizer=l2(0.1)` adds a tenth of the sum of squared weights to the loss. Where that outweighs
    the data, the lowest loss is had by weights near zero.

Why it hurts
    The loss falls, because weights shrink, and the answers become the same for every row.

Wrong
    model.add(Dense(64, activation="relu", kernel_regularizer=keras.regularizers.l2(0.5)))

Right
    model.add(Dense(64, activation="relu", kernel_regularizer=keras.regularizers.l2(1e-4)))

How it was measured
    The model is trained on the user's rows with the penalties as they are and with a hundredth of them, from
    the same weights, which are put back; both are measured without penalties on rows kept apart.

When it is wrong
    A penalty that looks large at the start and lets the model learn all the same passes the trial.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes.stepping import penalties
from headstart.doctor.probes.untouched import value_of
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.optimisation import _settings as settings

NAME = "regularisation-too-strong"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("loss-not-falling", "epochs-too-few", "rate-too-low", "optimiser-default-weak")


def check(case: Case) -> Iterable[Finding]:
    """Weighs the penalty against the data, and trains with less where it is heavy."""
    layers = [layer for layer in case.layers if getattr(layer, "kernel_regularizer", None) is not None]
    if not layers or not settings.fresh(case):
        return
    penalty = float(np.sum(value_of(penalties(case.model))))
    lab = case.probes.lab
    if penalty < 0.5 * lab.guess:
        return
    own = lab.run()
    if own.explained > 0.35:
        return
    less = lab.run(penalty=0.01)
    if not less.finite or less.explained < 0.3 or less.explained - max(own.explained, -0.5) < 0.25:
        return
    heaviest = max(layers, key=_weight)
    yield Finding(
        NAME,
        "error" if own.explained < 0.02 else "warning",
        case.place_of(heaviest),
        "the weight penalty outweighs the data, so that weights shrink instead of learning",
        {
            "penalty at first": round(penalty, 4),
            "loss of a constant answer": round(own.guess, 4),
            "updates tried": own.steps,
            "loss as it is, without the penalty, on rows kept apart": round(own.end, 4),
            "loss with a hundredth of the penalty": round(less.end, 4),
        },
        EXPLAINS,
        _edit(case, layers),
        cost=min(1.0, settings.percent(less.explained - max(0.0, own.explained))),
    )


def _weight(layer: Any) -> float:
    try:
        return float(np.sum(value_of(layer.kernel_regularizer(layer.kernel))))
    except (AttributeError, TypeError, ValueError):
        return 0.0


def _edit(case: Case, layers: list[Any]) -> Edit | None:
    steps: list[Any] = []
    for layer in layers:
        place = case.place_of(layer)
        if place is None or "kernel_regularizer" not in case.code(place):
            return None
        name = edits.keras_name(case, place)
        value = f"{name.code}.regularizers.L2(1e-4)"
        for step in (*name.operations, edits.set_argument(place, "kernel_regularizer", value)):
            if step not in steps:
                steps.append(step)
    return Edit("Penalise less: L2(1e-4)", tuple(steps))
