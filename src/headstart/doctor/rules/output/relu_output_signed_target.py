"""ReLU on the output of a regression whose targets go below zero.

What it is
    The last layer ends in ReLU (or softplus, or an exponential), which never gives a number below 0, but
    some targets are negative.

Why it hurts
    Those rows can never be met: the predictions stop at 0. With ReLU the unit also dies when it is pushed
    below 0 for all rows, and then nothing is learned any more.

Wrong
    model.add(Dense(1, activation="relu"))

Right
    model.add(Dense(1))

How it was measured
    The last layer of the live model ends in such a function, the loss compares numbers, and of the sampled
    targets a share lies below 0; what the best output that is never negative would leave of their variance
    is the cost.

When it is wrong
    Counts and prices are never negative: the rule looks at the targets, and lets a few that dip below 0 pass.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.repair.output_edits import set_activation
from headstart.doctor.views.head_losses import is_regression, out_of_reach

NAME = "relu-output-signed-target"
GROUP = "output"
FIXES = True

EXPLAINS = ("loss-not-falling", "dead-relu", "vanishing-gradient", "rate-too-low", "target-unscaled")

SHARE = 0.02
"""Fewer targets below 0 than this are taken for noise."""
LOST = 0.01
"""And so is a smaller share of their variance."""


def check(case: Case) -> Iterable[Finding]:
    """Compares the targets with what the output can be."""
    for head in case.probes.heads.each:
        if (
            head.activation not in ("relu", "softplus", "exponential")
            or head.y is None
            or not is_regression(head)
        ):
            continue
        share, lost = out_of_reach(head.y, 0.0, np.inf)
        if share < SHARE or lost < LOST:
            continue
        yield Finding(
            NAME,
            "error",
            case.place_of(head.near),
            f"{head.label} ends in {head.activation} and is never below 0, but {share:.0%} of the"
            " targets are",
            {
                "share of targets below 0": round(share, 3),
                "lowest target": round(float(head.numbers.min()), 4),
                "share of their variance out of reach": round(lost, 3),
            },
            EXPLAINS,
            set_activation(case, head.layer, "linear", "Make the output linear"),
            cost=min(1.0, lost),
        )
