"""Class labels that were divided or normalised, as pixels are.

What it is
    The line that scales the pixels scales the labels too: class 7 becomes 0.027.

Why it hurts
    The loss for class ids cuts fractions off, so all labels become class 0, or the few that stay whole.
    Other losses are pulled towards targets that are all near 0. The loss looks good and the accuracy is
    at chance.

Wrong
    x_train, y_train = x_train / 255.0, y_train / 255.0

Right
    x_train = x_train / 255.0

How it was measured
    The labels under a loss for classes are fractions, and of no more different values than there are
    classes; or all one-hot rows hold one same number other than 1.

When it is wrong
    Targets of a regression are scaled on purpose: the rule speaks under cross-entropies only. Smoothed
    labels, soft labels and labels such as 0.9 for "real" are left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case
from headstart.doctor.lines.targets import made_at
from headstart.doctor.records import Finding
from headstart.doctor.views.targets import BINARY, CATEGORICAL, SPARSE, Target, one_target

NAME = "labels-rescaled"
GROUP = "output"
FIXES = False

EXPLAINS = (
    "one-class-only",
    "label-out-of-range",
    "loss-not-falling",
    "int-labels-categorical-loss",
    "crossentropy-for-regression",
    "units-not-classes",
    "accuracy-wrong-form",
    "class-imbalance",
    "labels-shuffled",
)
SCALERS = ("normalize", "scale", "minmax_scale", "fit_transform", "transform", "normalise", "standardize")


def check(case: Case) -> Iterable[Finding]:
    """Looks for labels that are classes by their number and fractions by their values."""
    target = one_target(case, *CATEGORICAL, *SPARSE, *BINARY)
    if target is None:
        return
    cut = _cut_by_encoding(case)
    if cut is not None:
        values = np.unique(np.asarray(to_numpy(cut.arguments["x"])))
        message = "the labels were scaled before to_categorical, which cuts fractions off: classes are lost"
        kept = len(np.unique(values.astype(np.int64)))
        evidence = {"labels before": len(values), "labels left": kept, "highest label": float(values.max())}
        yield Finding(
            NAME, "error", made_at(case, _scales) or cut.place, message, evidence, EXPLAINS, cost=1.0
        )
        return
    if not _scaled(target):
        return
    kinds = target.kinds.astype(np.float64)
    yield Finding(
        NAME,
        "error",
        made_at(case, _scales) or made_at(case) or (case.fit.place if case.fit is not None else None),
        f"the labels are classes, but they were scaled: their {len(kinds)} values lie between "
        f"{kinds.min():.3g} and {kinds.max():.3g}",
        {
            "different labels": len(kinds),
            "lowest label": float(kinds.min()),
            "highest label": float(kinds.max()),
            "share of labels that are no whole number": round(
                float((target.y != np.round(target.y)).mean()), 3
            ),
        },
        EXPLAINS,
        cost=1.0,
    )


def _scaled(target: Target) -> bool:
    y = target.y
    if y.dtype.kind != "f" or len(y) < 4 or not np.isfinite(y).all():
        return False
    kinds = target.kinds
    if target.loss.name in SPARSE:
        return target.units > 1 and target.form == "column" and _few(target)
    if target.form == "column" and target.units > 1:
        return target.loss.name in CATEGORICAL and _few(target)
    if len(kinds) != 2:
        return False
    low, high = float(kinds[0]), float(kinds[1])
    if target.form == "column":
        scaled = low == 0 and 0 < high < 0.5
        normal = low < 0 < high and (low != round(low) or high != round(high))
        return target.loss.name in BINARY and (scaled or normal)
    # One number other than 1 in every row: one-hot rows that were divided.
    one = ((target.rows != 0).sum(axis=1) == 1).all()
    return target.width == target.units and low == 0 and 0 < high < 0.5 and bool(one)


def _few(target: Target) -> bool:
    """Whether there are fractions, and no more values than classes."""
    kinds = target.kinds
    fractions = (kinds != np.round(kinds)).sum()
    return fractions > 0 and 2 <= len(kinds) <= target.units + 1 and 2 * len(kinds) <= len(target.y)


def _cut_by_encoding(case: Case) -> Event | None:
    """A call of `to_categorical` on fractions whose result is this fit's targets, or part of them."""
    y = case.train.whole[1] if case.train is not None and case.train.whole is not None else None
    base = y if getattr(y, "base", None) is None else getattr(y, "base", None)
    for event in case.trace.of_kind("helper", "to_categorical"):
        if y is None or not any(event.result is one for one in (y, base)):
            continue
        try:
            x = np.asarray(to_numpy(event.arguments.get("x")))
        except Exception:
            continue
        if x.dtype.kind == "f" and x.size > 3 and np.isfinite(x).all():
            values = np.unique(x)
            if 2 <= len(values) <= 1000 and (values != np.round(values)).any() and 2 * len(values) <= x.size:
                return event
    return None


def _scales(value: ast.expr) -> bool:
    """Whether an expression divides, shifts or normalises."""
    return any(_scaling(node) for node in ast.walk(value))


def _scaling(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Div | ast.Mult | ast.Sub)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        return name in SCALERS
    return False
