"""An accuracy metric on a continuous target.

What it is
    Accuracy counts predictions that equal the target, or fall on the same side of 0.5. A continuous target
    is never met exactly.

Why it hurts
    The metric shows 0.0 for ever, or a number that means nothing, while the model may learn well.

Wrong
    model.compile("adam", loss="mse", metrics=["accuracy"])

Right
    model.compile("adam", loss="mse", metrics=["mae"])

How it was measured
    The loss is one for regressions, and the targets take many different values; the share of targets that
    a prediction of 0 or 1 could meet is counted.

When it is wrong
    Squared error on class labels, and whole-numbered ratings, have few different values and are left
    alone. So are targets of several columns, where accuracy compares the highest one.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.repair.loss_edits import set_metric
from headstart.doctor.views.metrics import ACCURACIES, metrics_of
from headstart.doctor.views.targets import Target, one_target

NAME = "accuracy-on-regression"
GROUP = "output"
FIXES = True

LOSSES = (
    "mean_squared_error",
    "mean_absolute_error",
    "mean_squared_logarithmic_error",
    "mean_absolute_percentage_error",
    "huber",
    "log_cosh",
)


def check(case: Case) -> Iterable[Finding]:
    """Asks for an accuracy among the metrics, then for the values of the targets."""
    metrics = [metric for metric in metrics_of(case) if metric.name in ACCURACIES]
    target = one_target(case, *LOSSES) if metrics else None
    if target is None or not _continuous(target):
        return
    y = target.y
    met = float(np.isin(y, (0, 1)).mean())
    first = metrics[0]
    yield Finding(
        NAME,
        "warning",
        first.place,
        f"accuracy counts exact hits, and the {len(target.kinds)} different targets of this regression are "
        "never hit exactly",
        {
            "different targets": len(target.kinds),
            "share of targets that accuracy can count": round(met, 4),
            "loss": target.loss.name,
        },
        edit=set_metric(case, first, "Show the mean absolute error", "mae"),
        cost=0.01,
    )


def _continuous(target: Target) -> bool:
    y = target.y
    if target.units != 1 or target.form != "column" or y.ndim > 3 or len(y) < 4 or not np.isfinite(y).all():
        return False
    kinds = len(target.kinds)
    fractions = float((y != np.round(y)).mean())
    few = kinds < 5 or np.isin(y, (0, 1)).mean() > 0.2
    if few:
        return False
    every = kinds >= 0.9 * y.size
    if fractions > 0.5:
        return kinds > 20 or every
    return every or (kinds > 50 and kinds > y.size / 4)
