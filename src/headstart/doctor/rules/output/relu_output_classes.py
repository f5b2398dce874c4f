"""ReLU on the output of a classifier.

What it is
    The last layer ends in ReLU while the loss is a cross-entropy: the outputs are 0 or any positive number.

Why it hurts
    An exact 0 for the right class has an infinite loss, or one cut at a bound that gives no gradient; values
    above 1 are no probabilities. The loss turns NaN after a while, or sticks at chance with a dead unit for
    each class.

Wrong
    model.add(Dense(10, activation="relu"))

Right
    model.add(Dense(10, activation="softmax"))

How it was measured
    The last layer of the live model ends in ReLU (or its range is that of one), the loss is one of Keras's
    cross-entropies, and the labels are classes; the share of exact zeros in the predictions is told.
    Under a squared or absolute error it is a fault only where the output is 0 for every row and the gradient
    is exactly 0.

When it is wrong
    A ReLU before a separate softmax layer is no output, and a regression may well end in ReLU: the rule looks
    at the last layer and at the labels.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.probes.heads import Head
from headstart.doctor.records import Finding
from headstart.doctor.repair.output_edits import set_activation
from headstart.doctor.views.head_losses import REGRESSION
from headstart.doctor.views.targets import BINARY, CATEGORICAL, SPARSE

NAME = "relu-output-classes"
GROUP = "output"
FIXES = True

FEWEST = 4
"""Rows of which all must be 0."""

EXPLAINS = (
    "loss-nan",
    "loss-not-falling",
    "dead-relu",
    "vanishing-gradient",
    "rate-too-high",
    "rate-too-low",
)


def check(case: Case) -> Iterable[Finding]:
    """Looks at the function, the loss and the labels of each output."""
    for head in case.probes.heads.each:
        loss = head.loss
        if loss is None or not loss.builtin or head.activation not in ("relu", "relu6"):
            continue
        zeros = float((head.output == 0).mean())
        if loss.name in REGRESSION:
            yield from _dead(case, head, zeros)
            continue
        if loss.name in BINARY:
            classes, wanted = head.kind in ("binary", "multi", "one-hot"), "sigmoid"
        else:
            known = loss.name in (*CATEGORICAL, *SPARSE) and head.units > 1
            classes, wanted = known and head.kind in ("ids", "one-hot", "soft"), "softmax"
        high = float(head.output.max())
        if not classes:
            continue
        if loss.from_logits:
            wanted = "linear"
        yield Finding(
            NAME,
            "warning" if loss.from_logits else "error",
            case.place_of(head.near),
            f"{head.label} ends in ReLU, "
            + (
                "so no class can have a raw value below 0"
                if loss.from_logits
                else f"whose zeros and large values are no probabilities that {loss.name} can learn from"
            ),
            {
                "share of exact zeros": round(zeros, 3),
                "highest output": round(high, 4),
                "loss": loss.name,
            },
            EXPLAINS,
            set_activation(case, head.layer, wanted, f"Use {wanted} on the output"),
            cost=0.6,
        )


def _dead(case: Case, head: Head, zeros: float) -> Iterable[Finding]:
    """For losses that compare numbers: only an output that is 0 for every row, with no gradient."""
    if zeros < 1 or head.name or head.kind not in ("one-hot", "binary") or len(head.output) < FEWEST:
        return
    gradients = case.probes.gradients
    if gradients.total > 0:
        return
    wanted = "softmax" if head.units > 1 else "sigmoid"
    yield Finding(
        NAME,
        "error",
        case.place_of(head.near),
        f"{head.label} ends in ReLU and is 0 for every row, so that no gradient comes through it",
        {"rows": len(head.output), "share of exact zeros": 1.0, "gradient norm": 0.0},
        EXPLAINS,
        set_activation(case, head.layer, wanted, f"Use {wanted} on the output"),
        cost=0.6,
    )
