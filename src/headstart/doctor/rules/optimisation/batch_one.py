"""One row a step: each epoch makes as many updates as there are rows.

What it is
    `batch_size=1`, in `fit` or in the data set, although all rows have one shape.

Why it hurts
    Every step pays the whole cost of a call for one row, so that an epoch takes many times longer than with
    32 rows a step, and each update follows the noise of a single row.

Wrong
    model.fit(x, y, epochs=10, batch_size=1)

Right
    model.fit(x, y, epochs=10, batch_size=32)

How it was measured
    The size of the batches that this fit takes, the number of rows, and the wall time of a row among many in
    the live model.

When it is wrong
    Pictures or sequences of varying size, stateful layers, and very small sets call for it. It is advice
    only (info).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.probes.planned import own_training
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits

NAME = "batch-one"
GROUP = "optimisation"
FIXES = True

ROWS = 200
"""A set from which one row a step is a waste."""


def check(case: Case) -> Iterable[Finding]:
    """Looks at the batches of this fit."""
    train, fit = case.train, case.fit
    if train is None or fit is None or fit.kind != "fit" or train.kind != "arrays":
        return
    if train.batch_size != 1 or (train.rows or 0) < ROWS or not own_training(case.model):
        return
    if any(getattr(layer, "stateful", False) for layer in case.layers):
        return
    place = fit.place
    edit = None
    if place is not None and "batch_size" in fit.given:
        edit = Edit("Train in batches of 32", (edits.set_argument(place, "batch_size", "32", 2),))
    evidence: dict[str, Any] = {"batch size": 1, "rows": train.rows, "updates in an epoch": train.steps}
    evidence["milliseconds for a row among many"] = round(1000 * case.probes.flow.seconds_per_row, 3)
    yield Finding(
        NAME, "info", place, f"one row a step makes {train.rows} updates in an epoch", evidence, edit=edit
    )
