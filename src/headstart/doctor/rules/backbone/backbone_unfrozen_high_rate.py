"""A pretrained backbone is trained whole, at a rate for nets from scratch, under a head that is still random.

What it is
    Nothing froze the base, and the optimizer runs at a rate such as Adam's 0.001.

Why it hurts
    The first gradients come through a random head and say nothing about the pictures, yet each step moves
    every filter by a percent or so. What the base knew is gone before the head is any good.

Wrong
    base = MobileNetV2(weights="imagenet", include_top=False, pooling="avg")
    model.compile(optimizer="adam", loss="binary_crossentropy")

Right
    base.trainable = False
    model.compile(optimizer="adam", loss="binary_crossentropy")

How it was measured
    The share of the live backbone's weights that this fit trains, the biases of the head, which are all
    still zero, the rate of the first step, and how far it moves the middle kernel of the base.

When it is wrong
    Ten thousand rows and more can retrain a net; a warm-up, layer-wise rates and steps of one's own are not
    judged; nets without trained weights, dense outputs as in segmentation and a partly frozen base are
    silent, and so are rates for fine-tuning.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.lines.naming import name_of
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.freezing import (
    fits_before,
    in_backbones,
    learners,
    own_weights,
    same_scope,
    size,
    steps_itself,
    untrained,
)
from headstart.doctor.views.model import Backbone, every_layer
from headstart.doctor.views.rates import first_step, from_scratch, kernels

NAME = "backbone-unfrozen-high-rate"
GROUP = "backbone"
FIXES = True

EXPLAINS = ("bn-batch-stats-finetune", "finetune-before-head", "rate-too-high", "loss-not-falling")
MANY = 10_000
"""Rows from which a whole net may be retrained."""


def check(case: Case) -> Iterable[Finding]:
    """Looks at flags, rate and head of a model that has not been trained yet."""
    if steps_itself(case.model) or fits_before(case) or not from_scratch(case, 9e-4, 0.05):
        return
    train = case.train
    rows = train.rows if train is not None else None
    if train is not None and rows is None and train.steps and train.batch_size:
        rows = train.steps * train.batch_size
    shape = getattr(case.model, "output_shape", None)
    if (rows is not None and rows >= MANY) or not isinstance(shape, tuple) or len(shape) != 2:
        return
    base = in_backbones(case)
    head = [layer for layer in learners(case) if id(layer) not in base]
    if not untrained(head):
        return
    for backbone in case.backbones:
        known = backbone.stand_in or backbone.weights is not None
        whole = size(v for layer in every_layer(backbone.model) for v in own_weights(layer))
        free = size(backbone.model.trainable_variables)
        if known and free >= 0.9 * whole and not _fresh(backbone):
            yield _finding(case, backbone, free / whole, rows)


def _fresh(backbone: Backbone) -> bool:
    """Whether the net holds the values that it was made with, though weights were asked for."""
    return not backbone.stand_in and untrained(every_layer(backbone.model))


def _finding(case: Case, backbone: Backbone, share: float, rows: int | None) -> Finding:
    evidence: dict[str, Any] = {
        f"share of {backbone.name} that this fit trains": round(share, 3),
        "rate": case.rate,
        "rows": rows,
    }
    moved = first_step(case, kernels(backbone))
    if moved is not None:
        evidence["one step moves its middle kernel by"] = f"{moved:.1%}"
    return Finding(
        NAME,
        "warning",
        backbone.place,
        f"nothing freezes {backbone.name}, and a rate of {case.rate:g} under a random head overwrites its"
        " trained weights",
        evidence,
        EXPLAINS,
        _edit(case, backbone),
        cost=0.1,
    )


def _edit(case: Case, backbone: Backbone) -> Edit | None:
    place = case.compile.place if case.compile is not None else None
    name = name_of(case, backbone)
    if place is None or name is None or backbone.place is None or not same_scope(case, place, backbone.place):
        return None
    step = edits.insert_statement(place, f"{name}.trainable = False", "before")
    return Edit("Freeze the base while the head learns", (step,), safe=True)
