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
    layer's averages came with its weights. Models that are too slow to train on the spot are not judged
    before the end of a run with `--through`.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.freezing import steps_itself
from headstart.doctor.normalising import norms
from headstart.doctor.probes.settling import Settling
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits

NAME = "bn-moving-stats-unsettled"
GROUP = "backbone"
WHEN = "always"
FIXES = True

EXPLAINS = ("predict-loader-mismatch", "loss-not-falling")


def check(case: Case) -> Iterable[Finding]:
    """Compares both modes after the fit's steps: taken on copies before it, or by the script itself."""
    if case.model is None or case.train is None or steps_itself(case.model):
        return
    layers = [layer for layer in norms(case.layers) if layer.trainable]
    if not layers or (case.stage == "end" and (case.error is not None or not case.trace.of_kind("fit-end"))):
        return
    found: Settling = case.probes.settled if case.stage == "end" else case.probes.settling
    if found.kept < 0.3 or found.training < 0.9 or found.inference > found.guess + 0.15:
        return
    place = case.place_of(layers[0]) or (case.fit.place if case.fit is not None else None)
    edit = None
    if case.place_of(layers[0]) is not None:
        places = {p: None for layer in layers if (p := case.place_of(layer)) is not None}
        steps = tuple(edits.set_argument(p, "momentum", "0.8", 1) for p in places)
        edit = Edit("Let the averages follow faster", steps, safe=False)
    yield Finding(
        NAME,
        "warning",
        place,
        f"after {found.steps} steps the moving averages are still {found.kept:.0%} their first value: the fit"
        " will look good, and its predictions will not",
        {
            "rows": found.rows,
            "accuracy in training mode after these steps": round(found.training, 3),
            "accuracy on the same rows in inference mode": round(found.inference, 3),
            "by guessing": round(found.guess, 3),
        },
        EXPLAINS,
        edit,
        cost=max(0.0, found.training - found.inference),
    )
