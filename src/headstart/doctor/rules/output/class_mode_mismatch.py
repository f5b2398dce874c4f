"""The folder loader hands out labels of another form than the head and the loss take.

What it is
    `class_mode` (or `label_mode`) of the loader says how labels come: as one-hot rows, as ids, or as one
    column of 0 and 1. The head and the loss want another of these.

Why it hurts
    Keras stops with a message about shapes, or spreads the labels over the units in silence: the accuracy
    stays at one half.

Wrong
    train = datagen.flow_from_directory("data", class_mode="categorical")
    model.add(Dense(1, activation="sigmoid"))

Right
    train = datagen.flow_from_directory("data", class_mode="binary")

How it was measured
    The labels of real batches from that loader are set against the live predictions and the loss.

When it is wrong
    Two softmax units with one-hot labels are right. Labels that the script itself turns into another form
    after loading are judged as they arrive.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.loaders import Loader, loader_of, loaders_alike
from headstart.doctor.views.targets import BINARY, CATEGORICAL, SPARSE, Target, one_target

NAME = "class-mode-mismatch"
GROUP = "output"
FIXES = True

LOSSES = (*CATEGORICAL, *SPARSE, *BINARY, "mean_squared_error", "mean_absolute_error")

EXPLAINS = (
    "int-labels-categorical-loss",
    "onehot-labels-sparse-loss",
    "units-not-classes",
    "binary-loss-exclusive-classes",
    "categorical-loss-one-column",
    "label-out-of-range",
    "mse-for-classes",
    "accuracy-wrong-form",
    "sigmoid-exclusive-classes",
    "loss-not-falling",
    "loss-nan",
)


def check(case: Case) -> Iterable[Finding]:
    """Looks at the loader behind the data, and at how its labels meet the output."""
    loss = case.loss
    if loss is None or loss.name not in LOSSES:
        return
    loader = loader_of(case)
    target = one_target(case, *LOSSES) if loader is not None else None
    if target is None or loader is None:
        return
    wanted = _wanted(target, loader)
    if wanted is None:
        return
    mode, head = wanted
    steps = tuple(
        edits.set_argument(other.event.place, loader.argument, f'"{mode}"')
        for other in loaders_alike(case, loader)
        if other.event.place is not None
    )
    found = f"{loader.argument} is {loader.mode!r}"
    if loader.argument not in loader.event.given:
        found += ", the default"
    yield Finding(
        NAME,
        "error",
        loader.event.place,
        f"{found}, so labels come as {_form(target)}, but {head}",
        {
            "units": target.units,
            "label shape": str(target.y.shape),
            "classes": len(loader.names) or None,
            "loss": target.loss.name,
        },
        EXPLAINS,
        Edit(f"Load the labels with {loader.argument}={mode!r}", steps, safe=True) if steps else None,
        cost=1.0,
    )


def _wanted(target: Target, loader: Loader) -> tuple[str, str] | None:
    """The mode that would fit, and what the head wants; None where the labels fit as they are."""
    name, units, classes = target.loss.name, target.units, len(loader.names)
    if target.form == "columns":
        if loader.mode != "categorical" or not target.one_hot or target.width < 2:
            return None
        if units == 1 and target.width == 2 and name not in CATEGORICAL:
            return "binary", "the output is one unit, which wants one column of 0 and 1"
        if name in SPARSE and target.width == units:
            return loader.mode_of_column(), f"{name} wants class ids"
        return None
    if loader.mode not in ("int", "sparse", "binary") or not target.whole_numbers or units < 2:
        return None
    if classes and classes != units:
        return None
    if name in (*CATEGORICAL, *BINARY) or (
        name not in SPARSE and target.activation in ("softmax", "sigmoid")
    ):
        return "categorical", f"{name} sets them against {units} units and wants one-hot rows"
    return None


def _form(target: Target) -> str:
    return f"one-hot rows of {target.width}" if target.form == "columns" else "one number a picture"
