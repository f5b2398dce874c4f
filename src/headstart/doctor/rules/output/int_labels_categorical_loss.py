"""Class ids given to a loss that wants one-hot rows.

What it is
    `categorical_crossentropy` compares a row of probabilities with a row of targets, one number a class.
    The labels here are ids: one whole number for each row.

Why it hurts
    Keras stops with a message about shapes. Where shapes are not known beforehand, or chance to fit, the
    ids are spread over the classes and the model learns nonsense in silence.

Wrong
    model.compile("adam", loss="categorical_crossentropy")  # y: 0, 2, 1 ...

Right
    model.compile("adam", loss="sparse_categorical_crossentropy")

How it was measured
    The shape of the predictions of a batch is set against the shape of the labels: many units, but one
    whole number for each row (or for each place, in maps and sequences).

When it is wrong
    One-hot labels are what this loss is for, and ids with the sparse loss are right, in whatever type and
    with or without a trailing axis: neither is looked at. Label smoothing needs one-hot labels; then there
    is no edit.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.repair.loss_edits import set_loss
from headstart.doctor.views.loaders import loader_of
from headstart.doctor.views.targets import CATEGORICAL, one_target

NAME = "int-labels-categorical-loss"
GROUP = "output"
FIXES = True

EXPLAINS = (
    "accuracy-wrong-form",
    "loss-not-falling",
    "loss-nan",
    "sigmoid-exclusive-classes",
    "mse-for-classes",
    "bounded-output-wide-target",
)


def check(case: Case) -> Iterable[Finding]:
    """Compares the shape of the labels with that of the output."""
    target = one_target(case, *CATEGORICAL)
    if target is None or target.units < 2 or target.form != "column" or not target.whole_numbers:
        return
    low, high = int(target.y.min()), int(target.y.max())
    if low == high and target.y.ndim == target.output.ndim:
        # One-hot rows of the only class that is left have a single column too.
        return
    place = case.compile.place if case.compile is not None else None
    edit = None
    if low >= 0 and high < target.units and loader_of(case) is None:
        edit = set_loss(case, "Use the loss for class ids", "sparse_categorical_crossentropy")
    yield Finding(
        NAME,
        "error",
        place,
        f"{target.loss.name} wants one-hot rows of {target.units} numbers, but the labels are class ids, "
        "one number each",
        {
            "units": target.units,
            "label shape": str(target.y.shape),
            "lowest label": low,
            "highest label": high,
        },
        EXPLAINS,
        edit,
        cost=1.0,
    )
