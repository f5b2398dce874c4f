"""Categorical cross-entropy on an output with a single column: the loss is always 0.

What it is
    Categorical cross-entropy first divides each row of the output by its sum. A row of one number becomes
    1.0, and the logarithm of that is 0, whatever the network says. The sparse form does the same.

Why it hurts
    The loss is 0 from the first step on, no gradient flows, and the training looks perfect.

Wrong
    model.add(Dense(1, activation="sigmoid"))
    model.compile("adam", loss="categorical_crossentropy")

Right
    model.add(Dense(1, activation="sigmoid"))
    model.compile("adam", loss="binary_crossentropy")

How it was measured
    The predictions of a batch have one column, and the live loss of a batch of real labels is taken.

When it is wrong
    The sparse loss with many units and labels of shape (rows, 1) is right: the rule looks at the output,
    not at the labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair.loss_edits import set_loss
from headstart.doctor.views.targets import CATEGORICAL, SPARSE, Target, one_target

NAME = "categorical-loss-one-column"
GROUP = "output"
FIXES = True

EXPLAINS = (
    "loss-not-falling",
    "vanishing-gradient",
    "accuracy-wrong-form",
    "label-out-of-range",
    "rate-too-low",
    "one-class-only",
    "class-imbalance",
    "loss-nan",
)


def check(case: Case) -> Iterable[Finding]:
    """Looks at the width of the output under a loss for several classes."""
    target = one_target(case, *CATEGORICAL, *SPARSE)
    if target is None or target.units != 1 or not target.whole_numbers or len(target.kinds) > 20:
        return
    evidence: dict[str, Any] = {"columns of the output": 1, "classes in the labels": _classes(target)}
    rows = target.output.reshape(-1, 1).astype(np.float64)
    if not target.loss.from_logits and rows.min() > 0:
        # What Keras takes the logarithm of: each row over its own sum.
        evidence["loss whatever is predicted"] = round(
            float(-np.log(rows / rows.sum(axis=1)[:, None]).max()) + 0, 6
        )
    yield Finding(
        NAME,
        "error",
        case.compile.place if case.compile is not None else None,
        f"{target.loss.name} divides each row by its sum, and with a single column that is always 1: "
        "the loss is 0 whatever is predicted",
        evidence,
        EXPLAINS,
        _edit(case, target),
        cost=1.0,
    )


def _classes(target: Target) -> int:
    return len(target.kinds) if target.form == "column" else target.width


def _edit(case: Case, target: Target) -> Edit | None:
    if target.form != "column" or not np.isin(target.kinds, (0, 1)).all():
        return None
    # A softmax on the one unit is another rule's to mend; a raw output needs the flag of the loss besides.
    if target.activation not in ("sigmoid", "softmax") and not target.loss.from_logits:
        return None
    return set_loss(case, "Use the loss for one probability", "binary_crossentropy")
