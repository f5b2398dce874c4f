"""The fit is too short for the moving averages of batch normalisation: it looks good and predicts badly.

What it is
    While it is trained, a normalisation layer uses each batch's statistics and moves its averages towards
    them by a hundredth. After twenty steps four fifths of an average are still its first value, and `predict`
    and `evaluate` use the averages.

Why it hurts
    `fit` shows a high accuracy, and `evaluate` on the very same rows gives chance.

Wrong
    layers.BatchNormalization()  # and 20 steps in all

Right
    layers.BatchNormalization(momentum=0.8)  # or more steps

How it was measured
    The fit's own number of steps is taken on copies, and the same rows are asked about in training and in
    inference mode: 90% or more are right in the one, and hardly more than by guessing in the other.

When it is wrong
    Most short runs settle well enough, or learn too little to tell: both accuracies decide. A frozen
    layer's averages came with its weights. Models that are too slow to train on the spot are judged at the
    end of a run with `--through`; before, only a deep net with ten steps or fewer, by how far its answers in
    the two modes lie apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.settling import Settling, kept, planned
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.freezing import steps_itself, untrained
from headstart.doctor.views.normalising import norms

NAME = "bn-moving-stats-unsettled"
GROUP = "backbone"
WHEN = "always"
FIXES = True

EXPLAINS = ("predict-loader-mismatch", "loss-not-falling")


FEW, DEEP = 10, 10
"""Steps, and normalisation layers in a row, of a fit that settles nothing, whatever it learns."""


def check(case: Case) -> Iterable[Finding]:
    """Compares both modes after the fit's steps: taken on copies before it, or by the script itself."""
    if case.model is None or case.train is None or steps_itself(case.model):
        return
    layers = [layer for layer in norms(case.layers) if layer.trainable]
    if not layers or (case.stage == "end" and (case.error is not None or not case.trace.of_kind("fit-end"))):
        return
    try:
        found: Settling = case.probes.settled if case.stage == "end" else case.probes.settling
    except ProbeError:
        if case.stage == "fit":
            yield from _untaken(case, layers)
        return
    if found.kept < 0.3 or found.training < 0.9 or found.inference > found.guess + 0.15:
        return
    yield _finding(
        case,
        layers,
        found.steps,
        found.kept,
        {
            "rows": found.rows,
            "accuracy in training mode after these steps": round(found.training, 3),
            "accuracy on the same rows in inference mode": round(found.inference, 3),
            "by guessing": round(found.guess, 3),
        },
        max(0.0, found.training - found.inference),
    )


def _untaken(case: Case, layers: list[Any]) -> Iterable[Finding]:
    """A deep net whose few steps are too slow to take here: its averages end where they began."""
    steps = planned(case)
    if (
        steps is None
        or steps > FEW
        or len(layers) < DEEP
        or not untrained(layers)
        or kept(layers, steps) < 0.9
    ):
        return
    modes = case.probes.modes
    spread = float(np.linalg.norm(modes.training - modes.training.mean(axis=0)))
    apart = float(np.linalg.norm(modes.training - modes.inference))
    if modes.random_in_training or apart < spread or spread == 0:
        return
    yield _finding(
        case,
        layers,
        steps,
        kept(layers, steps),
        {
            "normalisation layers": len(layers),
            "distance of the answers in the two modes, in lengths of their spread": round(apart / spread, 2),
        },
        0.3,
    )


def _finding(
    case: Case, layers: list[Any], steps: int, left: float, evidence: dict[str, Any], cost: float
) -> Finding:
    events = [e for layer in layers if (e := case.trace.event_of(layer)) is not None and e.place is not None]
    place = events[0].place if events else None
    edit = None
    if events and all(e.kind == "layer" for e in events):
        places = {e.place: None for e in events if e.place is not None}
        changes = tuple(edits.set_argument(p, "momentum", "0.8", 1) for p in places)
        edit = Edit("Let the averages follow faster", changes, safe=False)
    return Finding(
        NAME,
        "warning",
        place or (case.fit.place if case.fit is not None else None),
        f"after {steps} steps the moving averages are still {left:.0%} their first value: the fit will look"
        " better than its predictions are",
        evidence,
        EXPLAINS,
        edit,
        cost=cost,
    )
