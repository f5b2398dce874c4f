"""The validation data are so few that their accuracy is mostly luck.

What it is
    A handful of rows to validate on: one row more or less moves the accuracy by several points.

Why it hurts
    Two models, or two epochs, cannot be told apart by such a number.

Wrong
    model.fit(X, y, validation_split=0.1)  # 60 rows: 6 to validate on

Right
    Cross-validation, or more data.

How it was measured
    The rows of validation, and the width of the 95 % interval of an accuracy on as many rows.

When it is wrong
    Few-shot methods and demonstrations know it: this is information only.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.views.data import classifies

NAME = "tiny-dataset"
GROUP = "data"
FIXES = False

FEW = 30


def check(case: Case) -> Iterable[Finding]:
    """Counts the rows to validate on."""
    fit, train = case.fit, case.train
    if fit is None or train is None or not classifies(case):
        return
    rows = None
    if case.validation is not None:
        rows = case.validation.rows
    elif train.rows and case.fit_argument("validation_split"):
        rows = train.rows - math.floor(train.rows * (1 - case.fit_argument("validation_split")))
    if not rows or rows >= FEW:
        return
    yield Finding(
        NAME,
        "info",
        fit.place,
        f"validation has {rows} rows, so its accuracy is known to within {interval(rows):.0%} only",
        {"rows of validation": rows, "half width of the 95 % interval at 0.8": round(interval(rows), 3)},
    )


def interval(rows: int) -> float:
    """Half the width of the Wilson interval of an accuracy of 0.8."""
    z, p = 1.96, 0.8
    return z / (1 + z * z / rows) * math.sqrt(p * (1 - p) / rows + z * z / (4 * rows * rows))
