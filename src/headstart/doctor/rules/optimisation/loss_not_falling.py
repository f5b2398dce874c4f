"""No gradient reaches any weight, or one batch cannot be learned by heart.

What it is
    A net that can learn anything at all gets the loss of 32 rows down within a few dozen steps. Where even
    that fails, something is cut: an operation without a gradient, a loss that does not depend on the
    answers, units that are all off.

Why it hurts
    The loss stays where it is, for ever.

Wrong
    outputs = keras.ops.round(layers.Dense(1, activation="sigmoid")(x))

Right
    outputs = layers.Dense(1, activation="sigmoid")(x)

How it was measured
    The gradient of the user's loss on one batch, over all weights; where it is not zero but the planned run
    came to nothing in the trial of another rule, fifty steps of the user's optimizer on 32 rows and the same
    with Adam.

When it is wrong
    A loss that is at its lowest already has no gradient either: the rule asks that there is something to
    gain. Where a cause was found, it is named in its place.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.planned import own_training
from headstart.doctor.records import Finding
from headstart.doctor.rules.optimisation._settings import quick

NAME = "loss-not-falling"
GROUP = "optimisation"
SYMPTOM = True


def check(case: Case) -> Iterable[Finding]:
    """Looks for a gradient, and, where trials of other rules came to nothing, learns a batch by heart."""
    if case.fit is None or not own_training(case.model) or not case.model.trainable_variables:
        return
    if not quick(case):
        return
    gradients = case.probes.gradients
    if case.compile is None or not 1e-3 < abs(gradients.loss) < float("inf"):
        return
    if gradients.total == 0.0:
        yield Finding(
            NAME,
            "error",
            case.compile.place,
            "no gradient reaches any weight, so nothing can be learned",
            {
                "loss": round(gradients.loss, 4),
                "gradient norm": 0.0,
                "trainable weights": len(gradients.each),
            },
            cost=1.0,
        )
        return
    yield from _by_heart(case)


def _by_heart(case: Case) -> Iterable[Finding]:
    lab = case.probes.lab
    tried = [run for run in lab.kept.values() if run.steps >= 20]
    if case.trace.facts.get("stand-ins"):
        # Random weights stand in for pretrained ones: what they give may well be no use.
        return
    if not tried or any(not run.finite or run.fitted > 0.05 for run in tried):
        return
    import keras

    try:
        heart = case.probes.overfit
        adam = [lab.run(keras.optimizers.Adam(rate), key="adam") for rate in (0.001, 0.01)]
    except ProbeError:
        return
    if heart.fell > 0.01 or any(run.fitted > 0.05 for run in adam) or len(heart.losses) < 30:
        return
    yield Finding(
        NAME,
        "warning",
        case.fit.place if case.fit is not None else None,
        "the loss of one batch does not fall, with the optimizer given or with Adam",
        {
            "rows": heart.rows,
            "steps": len(heart.losses),
            "loss at first": round(heart.losses[0], 4),
            "loss at last": round(heart.losses[-1], 4),
        },
        cost=0.9,
    )
