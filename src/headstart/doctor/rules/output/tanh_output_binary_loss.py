"""Tanh on the output of a model that is trained with binary cross-entropy.

What it is
    Tanh gives -1 to 1, binary cross-entropy takes a probability between 0 and 1.

Why it hurts
    Whatever is below 0 is cut at the bound: half of the range gives no gradient and the largest loss, and
    answers that start there stay there.

Wrong
    model.add(Dense(1, activation="tanh"))
    model.compile(loss="binary_crossentropy", optimizer="adam")

Right
    model.add(Dense(1, activation="sigmoid"))

How it was measured
    The last layer of the live model ends in tanh, or its range is that of one, and the loss is Keras's binary
    cross-entropy on probabilities; the share of predictions below 0 is told.

When it is wrong
    Hinge loss wants -1 to 1, and Keras turns its 0/1 labels into that by itself: tanh is right there.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.repair.output_edits import set_activation
from headstart.doctor.views.targets import BINARY

NAME = "tanh-output-binary-loss"
GROUP = "output"
FIXES = True

EXPLAINS = ("loss-nan", "loss-not-falling", "vanishing-gradient", "rate-too-high", "label-out-of-range")


def check(case: Case) -> Iterable[Finding]:
    """Looks at the function and the loss of each output."""
    for head in case.probes.heads.each:
        loss = head.loss
        if loss is None or not loss.builtin or loss.from_logits or loss.name not in BINARY:
            continue
        below = float((head.output < 0).mean())
        if head.activation not in ("tanh", "hard_tanh", "softsign"):
            continue
        # With labels of -1 and 1 both ends are off, and a hinge loss may be what was meant.
        edit = None
        if head.kind in ("binary", "multi", "one-hot", "unit"):
            edit = set_activation(case, head.layer, "sigmoid", "Use a sigmoid on the output")
        yield Finding(
            NAME,
            "error",
            case.place_of(head.near),
            f"{head.label} ends in {head.activation} and can go below 0, where {loss.name} has neither a"
            " probability nor a gradient",
            {"share of predictions below 0": round(below, 3), "lowest": round(float(head.output.min()), 4)},
            EXPLAINS,
            edit,
            cost=0.4,
        )
