"""One-hot rows given to the loss for class ids.

What it is
    `sparse_categorical_crossentropy` wants one class id for each row. The labels here are one-hot rows.

Why it hurts
    Keras stops with a message that names the shapes of target and output, or of logits and labels.

Wrong
    y = to_categorical(y)
    model.compile("adam", loss="sparse_categorical_crossentropy")

Right
    model.compile("adam", loss="categorical_crossentropy")

How it was measured
    The labels have as many axes as the predictions of a batch, more than one column, and every row of them
    is 0 but for a single 1.

When it is wrong
    In segmentation the last axis of the labels may be the width of a picture: those have one axis less
    than the output and are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.repair.loss_edits import set_loss
from headstart.doctor.views.loaders import loader_of
from headstart.doctor.views.targets import SPARSE, one_target

NAME = "onehot-labels-sparse-loss"
GROUP = "output"
FIXES = True

EXPLAINS = ("accuracy-wrong-form", "loss-not-falling", "loss-nan", "label-out-of-range")


def check(case: Case) -> Iterable[Finding]:
    """Compares the shape of the labels with that of the output."""
    target = one_target(case, *SPARSE)
    if target is None or target.form != "columns" or target.width < 2 or not target.one_hot:
        return
    place = case.compile.place if case.compile is not None else None
    edit = None
    if target.width == target.units and loader_of(case) is None:
        edit = set_loss(case, "Use the loss for one-hot labels", "categorical_crossentropy")
    yield Finding(
        NAME,
        "error",
        place,
        f"{target.loss.name} wants class ids, but the labels are one-hot rows of {target.width} numbers",
        {"units": target.units, "label shape": str(target.y.shape), "row sums": 1},
        EXPLAINS,
        edit,
        cost=1.0,
    )
