"""Codes for missing values, such as -999, go into the net as if they were numbers.

What it is
    Tables often write -999 or 9999 where nothing was measured. To a net that is a measurement far outside
    all the others.

Why it hurts
    The code is hundreds of times larger than what it stands among. It rules the sums of the first layer
    and the spread of its column, so the true values hardly count.

Wrong
    model.fit(table, y)

Right
    table[table == -999] = numpy.nan; fill the gaps, or mask them

How it was measured
    One and the same extreme number of that form comes again and again in a column, far outside the range
    of all its other values, and reaches the first layer with weights as it is.

When it is wrong
    A Masking layer for that value, a layer that replaces it, and zeros are no fault; nor are numbers that
    belong to the range of their column.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines.inputs import data_place
from headstart.doctor.records import Finding
from headstart.doctor.views.entering import LOOKUPS, NORMS, first_weights

NAME = "sentinel-values"
GROUP = "input"

EXPLAINS = (
    "rate-too-high",
    "exploding-gradient",
    "dead-relu",
    "loss-not-falling",
    "loss-nan",
    "saturated-sigmoids",
)

Array = np.ndarray[Any, Any]

CODES = (-99, -999, -999.9, -9999, -9999.9, -99999, -999999, 999, 9999, 99999, 999999)
"""Numbers of nines; two of them only below zero."""
MOST = 50_000_000
"""Elements of the largest table that is looked at."""
TIMES = 3
"""How often a code must come in its column."""
APART = 3.0
"""How many times the range of the other values the code must lie away from them."""


def check(case: Case) -> Iterable[Finding]:
    """Looks for codes in the columns, then whether they reach the first weights."""
    train = case.train
    if train is None or not isinstance(train.x, np.ndarray):
        return
    x = train.x if train.whole is None or not isinstance(train.whole[0], np.ndarray) else train.whole[0]
    if (
        x.ndim not in (2, 3)
        or x.dtype.kind not in "fi"
        or not 1 <= x.shape[-1] <= 2000
        or x.size > 50_000_000
    ):
        return
    found = _codes(x.reshape(-1, x.shape[-1]))
    if not found:
        return
    values = {code for _, code, _ in found}
    if any(type(layer).__name__ == "Masking" for layer in case.layers):
        return
    first = first_weights(case)
    if first is None or first.entered is None or type(first.layer).__name__ in (*LOOKUPS, *NORMS):
        return
    if not any(np.isclose(first.entered.low, v) or np.isclose(first.entered.high, v) for v in values):
        return
    column, code, share = max(found, key=lambda f: f[2])
    yield Finding(
        NAME,
        "warning",
        data_place(case),
        f"{code:g} marks missing values in {len(found)} of {x.shape[-1]} columns and is read as a number",
        {
            "columns with such a code": len(found),
            "the code": code,
            "share of the rows in column " + str(column): round(share, 3),
        },
        EXPLAINS,
        cost=0.1,
    )


def _codes(columns: Array) -> list[tuple[int, float, float]]:
    """Columns with a code, which code, and its share of the rows."""
    found = []
    for index in range(columns.shape[1]):
        values = columns[:, index]
        for code in (values.min(), values.max()):
            if not np.isfinite(code) or not any(np.isclose(code, known) for known in CODES):
                continue
            is_code = values == code
            rest = values[~is_code]
            times = int(is_code.sum())
            if times < TIMES or len(rest) < TIMES or len(np.unique(rest)) < TIMES:
                continue
            gap = min(abs(rest.min() - code), abs(rest.max() - code))
            if gap > APART * max(float(np.ptp(rest)), 1e-6):
                found.append((index, float(code), times / len(values)))
    return found
