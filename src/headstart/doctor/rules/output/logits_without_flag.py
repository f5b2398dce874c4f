"""No function on the output, while the loss expects probabilities.

What it is
    Cross-entropy takes probabilities unless it is told `from_logits=True`. A last layer without softmax or
    sigmoid gives any number, below 0 and above 1.

Why it hurts
    Keras cuts the numbers to 0..1 before the logarithm: what lies outside gets no gradient and a large
    loss. The loss sticks or turns NaN, and no prediction is a probability.

Wrong
    model.add(Dense(10))
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")

Right
    model.add(Dense(10))
    model.compile(loss=SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")

How it was measured
    A batch is sent through the live model: its predictions lie outside 0..1, or do with other weights,
    although the loss is one of Keras's cross-entropies without `from_logits`, and the labels are classes.
    The loss of the same numbers is computed both ways.

When it is wrong
    A softmax may stand in a layer of its own, in a Lambda, in a nested model or in a loss of the user's:
    the rule looks at the numbers that come out, and only speaks where the loss is Keras's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes.heads import Head
from headstart.doctor.records import Finding
from headstart.doctor.repair.output_edits import set_activation
from headstart.doctor.views.head_losses import loss_of_numbers
from headstart.doctor.views.targets import BINARY, CATEGORICAL, SPARSE

NAME = "logits-without-flag"
GROUP = "output"
FIXES = True

EXPLAINS = (
    "loss-nan",
    "loss-not-falling",
    "vanishing-gradient",
    "dead-relu",
    "rate-too-high",
    "rate-too-low",
    "optimiser-default-weak",
)

OTHERS = ("relu", "relu6", "softplus", "exponential")
"""Never below 0: relu-output-classes has the first two; the others are divided by their sum."""


def check(case: Case) -> Iterable[Finding]:
    """Compares the numbers that come out with what the loss takes."""
    for head in case.probes.heads.each:
        loss = head.loss
        if loss is None or not loss.builtin or loss.from_logits or not _classes(head, loss.name):
            continue
        if not head.wide or head.activation in ("softmax", "sigmoid", "hard_sigmoid", *OTHERS):
            continue
        if head.activation == "tanh" and loss.name in BINARY:
            continue
        low, high = float(head.output.min()), float(head.output.max())
        outside = float(((head.output < 0) | (head.output > 1)).mean())
        wanted = "sigmoid" if loss.name in BINARY else "softmax"
        evidence: dict[str, Any] = {
            "lowest output": round(low, 4),
            "highest": round(high, 4),
            "share outside 0..1": round(outside, 3),
        }
        evidence.update(_both_ways(head))
        function = "no function" if head.activation in ("linear", None) else f"{head.activation}"
        yield Finding(
            NAME,
            "error",
            case.place_of(head.near),
            f"{head.label} ends in {function}, but {loss.name} without from_logits=True takes its numbers for"
            " probabilities",
            evidence,
            EXPLAINS,
            set_activation(case, head.layer, wanted, f"End in a {wanted}"),
            cost=0.5,
        )


def _classes(head: Head, loss: str) -> bool:
    if loss in BINARY:
        return head.kind in ("binary", "multi", "one-hot", "soft", "unit")
    if loss in CATEGORICAL or loss in SPARSE:
        return head.units > 1 and head.kind in ("ids", "one-hot", "soft")
    return False


def _both_ways(head: Head) -> dict[str, float]:
    assert head.loss is not None  # check has looked
    if head.own is None:
        return {}
    try:
        given, flagged = (
            loss_of_numbers(head.loss.name, head.own, head.output, flag) for flag in (False, True)
        )
    except (ValueError, TypeError, IndexError):
        return {}
    if not np.isfinite([given, flagged]).all():
        return {}
    return {"loss at the start": round(given, 4), "with from_logits=True": round(flagged, 4)}
