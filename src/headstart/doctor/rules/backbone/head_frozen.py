"""The new layers are frozen at random weights while the pretrained base is trained.

What it is
    The freeze went to the wrong end: the flags of the new head are off, and those of the base are on.

Why it hurts
    The head stays a random projection, and the base is bent until its answers come out right through it.
    What the base knew goes first.

Wrong
    for layer in model.layers[1:]:
        layer.trainable = False

Right
    model.layers[0].trainable = False

How it was measured
    The layers outside the live backbone have weights, none of them would be trained in this fit, their biases
    are all at zero as they were made, and weights of the backbone would be trained.

When it is wrong
    A head that was trained before and moved here shows in its biases. With the base frozen as well the rule
    `nothing-trainable` speaks.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.views.freezing import (
    fits_before,
    in_backbones,
    learners,
    line_of_flag,
    own_weights,
    size,
    steps_itself,
    untrained,
)

NAME = "head-frozen"
GROUP = "backbone"

EXPLAINS = (
    "backbone-unfrozen-high-rate",
    "bn-batch-stats-finetune",
    "loss-not-falling",
    "trainable-wrong-object",
)


def check(case: Case) -> Iterable[Finding]:
    """Compares the flags inside and outside the backbone."""
    if not case.backbones or steps_itself(case.model) or fits_before(case):
        return
    base = in_backbones(case)
    head = [layer for layer in learners(case) if id(layer) not in base]
    dense = [layer for layer in head if type(layer).__name__ == "Dense" or "Conv" in type(layer).__name__]
    if not dense or any(v.trainable for layer in head for v in own_weights(layer)) or not untrained(dense):
        return
    trained = case.model.trainable_variables
    if not trained:
        return
    place = line_of_flag(case, dense[-1]) or case.place_of(dense[-1])
    yield Finding(
        NAME,
        "error",
        place,
        "the new layers are frozen at their random weights, and the base is trained in their place",
        {
            "weights of the head, all frozen": size(v for layer in head for v in own_weights(layer)),
            "weights of the base that are trained": size(trained),
        },
        EXPLAINS,
        cost=0.4,
    )
