"""The output has another number of units than the data has classes.

What it is
    The width of the last layer and the number of classes in the labels differ.

Why it hurts
    With too few units some classes can never be answered, or Keras stops with a message about shapes.
    Units that no class belongs to are dead weight, and their answers mean nothing.

Wrong
    model.add(Dense(2, activation="softmax"))  # the labels are 0, 1, 2

Right
    model.add(Dense(3, activation="softmax"))

How it was measured
    The width of the live predictions is set against the columns of one-hot labels, the different ids in
    all the labels, or the classes that the folder loader found.

When it is wrong
    A class may be missing from what was seen, and a spare unit may be kept for background or for a word
    never met: more units than classes is a fault only where the loader knows its classes, and then only
    from two spare units on. Ids with gaps are another rule's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.repair.loss_edits import loss_steps, sole_place
from headstart.doctor.views.loaders import loader_of
from headstart.doctor.views.metrics import measures
from headstart.doctor.views.targets import BINARY, CATEGORICAL, SPARSE, Target, maker_of, one_target

NAME = "units-not-classes"
GROUP = "output"
FIXES = True

LOSSES = (*CATEGORICAL, *SPARSE, *BINARY, "mean_squared_error", "mean_absolute_error")
MOST = 20
"""Different whole numbers up to which one column under a cross-entropy is read as classes."""

EXPLAINS = (
    "label-out-of-range",
    "categorical-loss-one-column",
    "bounded-output-wide-target",
    "mse-for-classes",
    "accuracy-wrong-form",
    "loss-nan",
    "loss-not-falling",
    "sigmoid-exclusive-classes",
    "argmax-one-sigmoid",
)


def check(case: Case) -> Iterable[Finding]:
    """Sets units against classes, by the form that the labels have."""
    target = one_target(case, *LOSSES)
    if target is None or not target.whole_numbers or len(target.y) < 2:
        return
    if target.form == "columns":
        yield from _columns(case, target)
    elif target.units == 1:
        yield from _one_unit(case, target)
    elif target.loss.name in SPARSE:
        yield from _ids(case, target)
    elif target.loss.name in BINARY:
        yield from _spare_unit(case, target)


def _columns(case: Case, target: Target) -> Iterable[Finding]:
    width, units = target.width, target.units
    if width == units or width < 2 or target.loss.name in SPARSE or not np.isin(target.y, (0, 1)).all():
        return
    if units == 1 and (not target.one_hot or (width == 2 and loader_of(case) is not None)):
        return
    edit = None
    if units > 1 or target.activation == "softmax":
        edit = _units(case, target, width, safe=True)
    yield _finding(
        case,
        target,
        f"the labels have {width} columns, one a class, but the output has {_counted(units)}",
        {"units": units, "columns of the labels": width},
        edit,
    )


def _one_unit(case: Case, target: Target) -> Iterable[Finding]:
    kinds = target.kinds.astype(np.int64)
    if target.loss.name not in (*BINARY, *CATEGORICAL, *SPARSE) or not 3 <= len(kinds) <= MOST:
        return
    if measures(case):
        return
    # Classes follow on each other from 0 or 1 and come again; counts and grades of grey do not.
    if kinds[0] not in (0, 1) or kinds[-1] - kinds[0] + 1 > len(kinds) + 1 or len(target.y) < 2 * len(kinds):
        return
    yield _finding(
        case,
        target,
        f"the labels name {len(kinds)} classes, but one unit can only tell two apart",
        {"units": 1, "classes": len(kinds), "lowest label": int(kinds[0]), "highest label": int(kinds[-1])},
        _head(case, target, int(kinds[-1]) + 1),
    )


def _ids(case: Case, target: Target) -> Iterable[Finding]:
    kinds = target.kinds.astype(np.int64)
    ignored = getattr(target.loss.given, "ignore_class", None)
    if ignored is not None:
        kinds = kinds[kinds != ignored]
    if len(kinds) == 0 or kinds[0] < 0:
        return
    units = target.units
    loader = loader_of(case)
    names = len(loader.names) if loader is not None and loader.mode in ("int", "sparse", "binary") else 0
    classes = max(len(kinds), names if kinds[-1] < max(names, 1) else 0)
    evidence = {"units": units, "classes": classes, "highest label": int(kinds[-1])}
    if classes > units:
        needed = max(classes, int(kinds[-1]) + 1)
        message = f"there are {classes} classes, but the output has only {units} units"
        yield _finding(case, target, message, evidence, _units(case, target, needed, safe=True))
    elif names > 1 and names == classes and units >= names + 2:
        message = f"the loader found {names} classes, but the output has {units} units"
        edit = _units(case, target, names, safe=False)
        yield _finding(case, target, message, evidence, edit, severity="warning", cost=0.02)
    elif target.whole and _settled(target, kinds) and units >= len(kinds) + 2:
        message = f"the labels name {classes} classes, but the output has {units} units"
        yield _finding(case, target, message, evidence, severity="info", cost=0.01)


def _settled(target: Target, kinds: np.ndarray[Any, Any]) -> bool:
    """Whether the ids run from 0 without a gap, each often enough that none is likely to be missing."""
    if kinds[0] != 0 or kinds[-1] != len(kinds) - 1 or not 2 <= len(kinds) <= 50:
        return False
    return int(np.unique(target.y, return_counts=True)[1].min()) >= 10


def _spare_unit(case: Case, target: Target) -> Iterable[Finding]:
    """Labels of 0 and 1 in one column, but two sigmoid units or more."""
    if target.softmax or not np.isin(target.kinds, (0, 1)).all() or len(target.kinds) != 2:
        return
    yield _finding(
        case,
        target,
        f"the labels are one column of 0 and 1, but {target.loss.name} compares {target.units} units with it",
        {"units": target.units, "label shape": str(target.y.shape)},
        _units(case, target, 1, safe=True) if loader_of(case) is None else None,
    )


def _finding(
    case: Case,
    target: Target,
    message: str,
    evidence: dict[str, Any],
    edit: Edit | None = None,
    *,
    severity: Any = "error",
    cost: float = 1.0,
) -> Finding:
    found = maker_of(case, target)
    layer = found[0] if found is not None else target.layer
    place = case.place_of(layer) if layer is not None else None
    return Finding(NAME, severity, place, message, evidence, EXPLAINS, edit, cost=cost)


def _counted(units: int) -> str:
    return "one unit" if units == 1 else f"{units} units"


def _units(case: Case, target: Target, number: int, *, safe: bool) -> Edit | None:
    found = maker_of(case, target)
    place = sole_place(case, found[0]) if found is not None else None
    if found is None or place is None:
        return None
    step = edits.set_argument(place, found[1], str(number), 0)
    return Edit(f"Give the output {_counted(number)}", (step,), safe=safe)


def _head(case: Case, target: Target, number: int) -> Edit | None:
    """A softmax over the classes with the loss for ids, in place of the one unit."""
    found = maker_of(case, target)
    place = sole_place(case, found[0]) if found is not None else None
    steps = loss_steps(case, "sparse_categorical_crossentropy")
    if found is None or place is None or not steps or type(found[0]).__name__ != "Dense":
        return None
    if found[0] is not target.layer or target.loss.from_logits:
        return None
    units = edits.set_argument(place, found[1], str(number), 0)
    softmax = edits.set_argument(place, "activation", '"softmax"', 1)
    return Edit(f"A softmax over {number} classes", (units, softmax, *steps), safe=True)
