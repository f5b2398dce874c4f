"""A bounded output for targets outside its bounds.

What it is
    Sigmoid and softmax end at 1, tanh and a recurrent layer lie between -1 and 1, but the targets go beyond.

Why it hurts
    The predictions stick to the bound: the loss stays large, and where the function is flat no
    gradient is left to move them.

Wrong
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="mse", optimizer="adam")
    model.fit(x, x**2)

Right
    model.add(Dense(1))

How it was measured
    What the output can be comes from the function of the live model's last layer, or from its range under
    large weights; the loss compares numbers, and a share of the sampled targets lies outside. What the best
    output within the bounds leaves of their variance is the cost.

When it is wrong
    Targets that were scaled to 0..1, and angles or audio in -1..1, lie within: the rule looks at the
    targets, and lets a few that stick out a little pass.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.probes.heads import RANGES
from headstart.doctor.records import Finding
from headstart.doctor.repair.output_edits import set_activation
from headstart.doctor.views.head_losses import is_regression, out_of_reach

NAME = "bounded-output-wide-target"
GROUP = "output"
FIXES = True

EXPLAINS = (
    "loss-not-falling",
    "vanishing-gradient",
    "saturated-sigmoids",
    "rate-too-low",
    "optimiser-default-weak",
    "target-unscaled",
    "label-out-of-range",
)

BOUNDED = ("softmax", "sigmoid", "hard_sigmoid", "tanh", "hard_tanh", "softsign", "relu6")
SHARE = 0.05
"""Fewer targets outside than this are taken for noise."""
LOST = 0.02
"""And so is a smaller share of their variance."""


def check(case: Case) -> Iterable[Finding]:
    """Compares the targets with what the output can be."""
    for head in case.probes.heads.each:
        if head.activation not in BOUNDED or head.y is None or not is_regression(head):
            continue
        if head.activation == "softmax" and head.units == 1:
            continue
        low, high = RANGES[head.activation]
        share, lost = out_of_reach(head.y, low, high)
        if share < SHARE or lost < LOST:
            continue
        yield Finding(
            NAME,
            "error",
            case.place_of(head.near),
            f"{head.label} ends in {head.activation} and stays within {low:g}..{high:g}, but"
            f" {share:.0%} of the targets lie outside",
            {
                "share of targets outside": round(share, 3),
                "lowest target": round(float(head.numbers.min()), 4),
                "highest target": round(float(head.numbers.max()), 4),
                "share of their variance out of reach": round(min(1.0, lost), 3),
            },
            EXPLAINS,
            set_activation(case, head.layer, "linear", "Make the output linear"),
            cost=min(1.0, lost),
        )
