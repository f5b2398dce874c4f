"""`model.predict` is called in a loop, on one row at a time.

What it is
    Each call of `predict` sets up a data pipeline and callbacks, which takes longer than a small model needs
    for a row.

Why it hurts
    Time: a thousand calls cost a thousand set-ups.

Wrong
    for row in x_test: model.predict(row[None])

Right
    model.predict(x_test)

How it was measured
    A line after the fit calls the live model's predict within a loop over rows of known number. This is a
    remark and no more.

When it is wrong
    Where each row depends on the last answer, as in games and in text that is written word by word, calls
    cannot be joined; `model(x)` is then the quicker form.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.rest.places import place_of
from headstart.doctor.rest.values import Tag
from headstart.doctor.rules.use.argmax_one_sigmoid import one_row

NAME = "predict-in-loop"
GROUP = "cost"


def check(case: Case) -> Iterable[Finding]:
    """Looks for single rows in loops."""
    for use in case.probes.rest.calls("predict"):
        if use.base is None or use.base.live is not case.model or not use.loops:
            continue
        if not isinstance(use.node, ast.Call) or not one_row(Tag("prediction", node=use.node)):
            continue
        yield Finding(
            NAME,
            "info",
            place_of(case, use.unit, use.node),
            "predict is called for one row at a time; one call for all rows, or model(x), is much quicker",
            {"the loop is at line": getattr(use.loops[-1], "lineno", None)},
        )
