"""Dropout that throws away so much that the model cannot learn.

What it is
    A rate of 0.7 and more, several layers that together keep hardly anything, or a share to keep given where
    Keras wants the share to drop.

Why it hurts
    The layers after it see a few units of the last one, others at each step: training ends below what the
    same model reaches with less.

Wrong
    model.add(Dropout(0.9))  # keeps one unit in ten

Right
    model.add(Dropout(0.3))

How it was measured
    The model is trained on the user's rows as it is and with all dropout at 0.2, with the user's optimizer
    and from the same weights, which are put back; both are measured in inference mode on rows kept apart.

When it is wrong
    Strong dropout on wide layers, or dropout that stays on at inference, may be meant and do no harm: where
    less dropout is not clearly better on rows kept apart, the rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes.meanwhile import swapped
from headstart.doctor.probes.runs import Run
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.optimisation import _settings as settings
from headstart.doctor.rules.optimisation._chain import own_leaves

NAME = "dropout-too-strong"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("loss-not-falling", "epochs-too-few", "rate-too-low", "optimiser-default-weak")
KINDS = ("Dropout", "AlphaDropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D")
STRONG = 0.7
"""A rate from which one layer raises the suspicion."""
KEPT = 0.08
"""So does a whole net that keeps less than this share."""
GAIN = 0.25
"""By how much more of the loss of guessing less dropout must take away."""


def check(case: Case) -> Iterable[Finding]:
    """Looks at the rates, and trains both ways where they are high."""
    layers = [p.layer for p in own_leaves(case) if type(p.layer).__name__ in KINDS]
    layers = [layer for layer in dict.fromkeys(layers) if 0 < float(getattr(layer, "rate", 0)) <= 1]
    if not layers:
        return
    kept = float(np.prod([1 - layer.rate for layer in layers]))
    worst = max(layers, key=lambda layer: layer.rate)
    if worst.rate < STRONG and kept > KEPT:
        return
    strong = [layer for layer in layers if layer.rate >= STRONG] or layers
    lab = case.probes.lab
    own = lab.run()
    if own.explained > 0.6:
        return
    less = lab.run(change=lambda: swapped(strong, "rate", 0.2), key="less dropout", retrace=True)
    if not less.finite or less.explained < 0.3 or less.explained - max(own.explained, -0.5) < GAIN:
        return
    if not _lasts(case, own):
        return
    place = case.place_of(worst)
    yield Finding(
        NAME,
        "error" if own.explained < 0.02 else "warning",
        place,
        f"dropout of {worst.rate:g} keeps the model from learning what it learns with 0.2",
        {
            "dropout rates": ", ".join(f"{layer.rate:g}" for layer in layers),
            "share kept in all": round(kept, 4),
            "updates tried": own.steps,
            "loss of a constant answer": round(own.guess, 4),
            "loss as it is, on rows kept apart": round(own.end, 4),
            "loss with dropout of 0.2": round(less.end, 4),
        },
        EXPLAINS,
        _edit(case, strong),
        cost=min(1.0, settings.percent(less.explained - max(0.0, own.explained))),
    )


def _lasts(case: Case, own: Run) -> bool:
    """Whether the rest of the planned run would not mend it: nearly all was made, or the loss lies flat."""
    plan = case.probes.lab.plan
    if plan is not None and plan <= 2.5 * own.steps:
        return True
    third = len(own.losses) // 3
    before, after = np.mean(own.losses[third : 2 * third]), np.mean(own.losses[2 * third :])
    return bool(own.explained < 0.15 and before - after < 0.05 * before)


def _edit(case: Case, layers: list[Any]) -> Edit | None:
    steps = []
    for layer in layers:
        place = case.place_of(layer)
        if place is None or case.code(place) == "":
            return None
        step = edits.set_argument(place, "rate", "0.3", 0)
        if step not in steps:
            steps.append(step)
    return Edit("Drop less: 0.3", tuple(steps))
