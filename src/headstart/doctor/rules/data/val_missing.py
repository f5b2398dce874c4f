"""Training goes over many epochs without any validation data.

What it is
    Neither `validation_data` nor `validation_split` is given.

Why it hurts
    Nothing shows when the model begins to learn its rows by heart, so nothing says when to stop.

Wrong
    model.fit(X, y, epochs=100)

Right
    model.fit(X, y, epochs=100, validation_split=0.2)

How it was measured
    The arguments of the live call.

When it is wrong
    A last training on all rows, after everything was chosen, needs none: this is information only.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding

NAME = "val-missing"
GROUP = "data"
FIXES = False


def check(case: Case) -> Iterable[Finding]:
    """Looks at the arguments."""
    fit, train = case.fit, case.train
    if fit is None or train is None or fit.kind != "fit" or case.epochs < 5:
        return
    if case.fit_argument("validation_data") is not None or case.fit_argument("validation_split"):
        return
    rows = train.rows or sum(batch.rows for batch in train.batches)
    # With fewer weights than rows there is little to learn by heart.
    if rows < 100 or case.model.count_params() < rows:
        return
    yield Finding(
        NAME,
        "info",
        fit.place,
        "there is no validation, so nothing shows over-fitting",
        {"epochs": case.epochs, "rows": rows},
    )
