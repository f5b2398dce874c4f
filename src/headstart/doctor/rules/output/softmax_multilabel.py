"""A softmax although several labels may hold for one row.

What it is
    The label rows carry several ones, or none, but the output is a softmax, whose units share a sum of 1.

Why it hurts
    Two labels of one row can never both come near 1: each costs the other. The loss stays high, and only
    one label a row ever wins.

Wrong
    model.add(Dense(5, activation="softmax"))
    model.compile("adam", loss="categorical_crossentropy")

Right
    model.add(Dense(5, activation="sigmoid"))
    model.compile("adam", loss="binary_crossentropy")

How it was measured
    All label values are 0 or 1, and a share of the rows has two ones or more; the rows of the live
    predictions sum to 1.

When it is wrong
    Smoothed, mixed or distilled labels are fractions whose rows sum to 1: the rule looks at 0/1 labels
    only, and at rows with two ones or more.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.repair.loss_edits import loss_steps, sole_place
from headstart.doctor.views.targets import BINARY, CATEGORICAL, SPARSE, Target, one_target

NAME = "softmax-multilabel"
GROUP = "output"
FIXES = True

LOSSES = (
    *CATEGORICAL,
    *BINARY,
    *SPARSE,
    "mean_squared_error",
    "mean_absolute_error",
    "kl_divergence",
)
SHARE = 0.05
"""Rows with two ones or more, from which on the labels are no slip."""

EXPLAINS = (
    "mse-for-classes",
    "binary-loss-exclusive-classes",
    "onehot-labels-sparse-loss",
    "accuracy-wrong-form",
    "bounded-output-wide-target",
    "loss-not-falling",
    "crossentropy-for-regression",
)


def check(case: Case) -> Iterable[Finding]:
    """Counts the ones in each row of labels under a softmax."""
    target = one_target(case, *LOSSES)
    if target is None or target.form != "columns" or target.width != target.units or target.units < 2:
        return
    if not np.isin(target.y, (0, 1)).all() or not target.softmax:
        return
    ones = target.rows.sum(axis=1)
    share = float((ones >= 2).mean())
    if share < SHARE or int((ones >= 2).sum()) < 2:
        return
    place = case.place_of(target.layer) if target.layer is not None else None
    yield Finding(
        NAME,
        "error",
        place,
        f"{share:.0%} of the rows have two labels or more, but the units of a softmax share a sum of 1, "
        "so only one label a row can win",
        {
            "share of rows with two labels or more": round(share, 3),
            "share of rows with no label": round(float((ones == 0).mean()), 3),
            "labels a row, mean": round(float(ones.mean()), 2),
            "labels a row, most": int(ones.max()),
            "highest mean of a row's predictions": round(1 / target.units, 4),
        },
        EXPLAINS,
        _edit(case, target),
        cost=share,
    )


def _edit(case: Case, target: Target) -> Edit | None:
    layer = target.layer
    place = sole_place(case, layer)
    steps = () if target.loss.name in BINARY else loss_steps(case, "binary_crossentropy")
    if place is None or (not steps and target.loss.name not in BINARY) or target.loss.from_logits:
        return None
    kind = type(layer).__name__
    if kind == "Softmax":
        spelled = edits.spell(case, place, "Activation", '"sigmoid"')
        if spelled is None:
            return None
        return Edit(
            "A sigmoid and a yes or no for each label", (*spelled.replacing(place), *steps), safe=True
        )
    if kind not in ("Dense", "Activation"):
        return None
    step = edits.set_argument(place, "activation", '"sigmoid"', 1 if kind == "Dense" else 0)
    return Edit("A sigmoid and a yes or no for each label", (step, *steps), safe=True)
