"""Binary cross-entropy with a softmax over exclusive classes.

What it is
    Each row belongs to one of several classes and the output is a softmax, but the loss treats every unit
    as a question of its own.

Why it hurts
    The loss is a mean over the units, most of which are easy zeros: it looks solved when it is not, and
    old Keras showed an inflated accuracy beside it. Class ids in one column do not fit it at all.

Wrong
    model.add(Dense(10, activation="softmax"))
    model.compile("adam", loss="binary_crossentropy")

Right
    model.add(Dense(10, activation="softmax"))
    model.compile("adam", loss="categorical_crossentropy")

How it was measured
    The rows of the predictions sum to 1, and every label row is one-hot (or a single id). Both losses are
    taken of the same predictions, to say how much smaller the wrong one looks.

When it is wrong
    Binary cross-entropy is right for labels of which several may hold at once, with sigmoids. With two
    softmax units and one-hot labels the two losses are the same number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.repair.loss_edits import set_loss
from headstart.doctor.views.loaders import loader_of
from headstart.doctor.views.targets import BINARY, Array, one_target

NAME = "binary-loss-exclusive-classes"
GROUP = "output"
FIXES = True

EXPLAINS = ("accuracy-wrong-form", "loss-not-falling", "loss-nan", "bounded-output-wide-target")


def check(case: Case) -> Iterable[Finding]:
    """Looks for a distribution over classes under a loss for one class at a time."""
    target = one_target(case, *BINARY)
    if target is None or target.units < 2 or len(target.y) < 2:
        return
    place = case.compile.place if case.compile is not None else None
    evidence: dict[str, Any] = {"units": target.units, "label shape": str(target.y.shape)}
    if target.form == "column":
        kinds = target.kinds
        ids = target.whole_numbers and kinds.min() >= 0 and len(kinds) >= 2 and kinds.max() < target.units
        # Two sigmoids and labels of 0 and 1 want one unit less, not another loss.
        if not ids or not (target.softmax or len(kinds) > 2):
            return
        edit = None
        if target.softmax and loader_of(case) is None:
            edit = set_loss(case, "Use the loss for class ids", "sparse_categorical_crossentropy")
        message = (
            f"{target.loss.name} compares the {target.units} units with one label each, but the labels are "
            "ids of exclusive classes, one number a row"
        )
        yield Finding(NAME, "error", place, message, evidence, EXPLAINS, edit, cost=1.0)
        return
    if target.units < 3 or target.width != target.units or not target.softmax or not target.one_hot:
        return
    batch = case.probes.flow.y
    if isinstance(batch, np.ndarray) and batch.shape == target.output.shape:
        right = float(target.output[batch == 1].mean())
        evidence["mean probability of the right class"] = round(right, 3)
        evidence["loss as shown"] = round(_binary(batch, target.output), 4)
        evidence["categorical loss"] = round(float(-np.log(_clipped(target.output[batch == 1])).mean()), 4)
    yield Finding(
        NAME,
        "warning",
        place,
        f"every row has exactly one of {target.units} classes and the output is a softmax, but "
        f"{target.loss.name} averages over all units, so its loss looks far smaller than it is",
        evidence,
        EXPLAINS,
        set_loss(case, "Use the loss for exclusive classes", "categorical_crossentropy"),
        cost=0.05,
    )


def _binary(labels: Array, output: Array) -> float:
    p = _clipped(output)
    return float(-np.where(labels == 1, np.log(p), np.log(1 - p)).mean())


def _clipped(output: Array) -> Array:
    return np.clip(output.astype(np.float64), 1e-7, 1 - 1e-7)
