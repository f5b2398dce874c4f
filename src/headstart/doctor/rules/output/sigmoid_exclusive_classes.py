"""Sigmoid on several units, one for each class, with a loss for exclusive classes.

What it is
    Each unit answers for itself and nothing makes the answers add up, while the labels say that a row
    belongs to exactly one class and categorical cross-entropy assumes probabilities that sum to 1.

Why it hurts
    Keras divides each row by its sum, or on TensorFlow takes the raw values from behind the sigmoid, so
    the net does train, but slower or to less, and the numbers that `predict` gives are no probabilities:
    several classes can be near 1 at once.

Wrong
    model.add(Dense(10, activation="sigmoid"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")

Right
    model.add(Dense(10, activation="softmax"))

How it was measured
    The last layer of the live model ends in a sigmoid over two or more units, the loss is categorical, every
    sampled label names one class, and the rows of the predictions do not sum to 1.

When it is wrong
    With binary cross-entropy the same layer is right, for rows that carry several labels, or for one
    classifier a class: the rule looks at the loss and at the labels. Gates inside the net are no outputs.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.repair.output_edits import set_activation
from headstart.doctor.views.targets import CATEGORICAL, SPARSE

NAME = "sigmoid-exclusive-classes"
GROUP = "output"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """Looks at the function, the loss and the labels of each output."""
    for head in case.probes.heads.each:
        loss = head.loss
        if (
            loss is None
            or not loss.builtin
            or loss.from_logits
            or head.activation not in ("sigmoid", "hard_sigmoid")
        ):
            continue
        exclusive = (
            head.kind == "ids"
            if loss.name in SPARSE
            else head.kind in ("one-hot", "soft") and loss.name in CATEGORICAL
        )
        if not exclusive or head.units < 2 or head.distribution:
            continue
        sums = head.output.reshape(-1, head.units).sum(axis=1)
        yield Finding(
            NAME,
            "warning",
            case.place_of(head.near),
            f"{head.label} ends in a sigmoid for each of {head.units} classes of which only one is right,"
            " so its numbers are no probabilities of classes",
            {
                "classes": head.units,
                "a row of predictions sums to, at least": round(float(sums.min()), 3),
                "at most": round(float(sums.max()), 3),
                "loss": loss.name,
            },
            edit=set_activation(case, head.layer, "softmax", "Use a softmax over the classes"),
            cost=0.05,
        )
