"""The test set chooses the epoch or the checkpoint, and then gives the final score.

What it is
    Early stopping, or a checkpoint of the best epoch, looks at the data that `evaluate` is run on afterwards.

Why it hurts
    The epoch was picked because it does well on just these rows, so the score is better than it will be on
    new ones. How much follows from the number of epochs and of rows.

Wrong
    model.fit(..., validation_data=test, callbacks=[EarlyStopping(...)]); model.evaluate(test)

Right
    keep a third part for validation, and look at the test set once

How it was measured
    The live arrays or data set of `validation_data` are the very objects that a line after the fit evaluates
    on, and a live callback of this fit chooses by a validation metric.

When it is wrong
    Without such a callback nothing is chosen, and a set that is called validation makes no claim.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.records import Finding, Severity
from headstart.doctor.rest.places import place_of, text_of

NAME = "test-used-for-choice"
GROUP = "use"


def check(case: Case) -> Iterable[Finding]:
    """Compares the objects by identity."""
    data = case.fit_argument("validation_data")
    chooser = _chooser(case)
    if data is None or chooser is None or case.fit is None or case.fit.place is None:
        return
    parts = list(data) if isinstance(data, tuple | list) else [data]
    for use in case.probes.rest.calls("evaluate"):
        given = use.argument(0, "x")
        node = use.node
        if use.base is None or given is None or not given.known or not isinstance(node, ast.Call):
            continue
        if use.base.live is not case.model and not use.base.of_kind("reloaded"):
            continue
        if given.live is not parts[0]:
            continue
        written = next((text_of(use.unit, a) for a in node.args[:1]), "") or "x"
        severity: Severity = "warning" if _called_test(written) else "info"
        line = place_of(case, use.unit, node).line
        yield Finding(
            NAME,
            severity,
            case.fit.place,
            f"{written} chooses the epoch here and gives the score at line {line}, which is then too good",
            {"chosen by": chooser, "evaluated at line": line, "epochs to choose from": case.epochs},
            cost=0.02,
        )
        return


def _chooser(case: Case) -> str | None:
    given = case.fit_argument("callbacks") or []
    for callback in given if isinstance(given, list | tuple) else [given]:
        kind = type(callback).__name__
        monitor: Any = getattr(callback, "monitor", "")
        best = kind == "ModelCheckpoint" and getattr(callback, "save_best_only", False)
        if (kind == "EarlyStopping" or best) and str(monitor).startswith("val_"):
            return f"{kind} on {monitor}"
    return None


def _called_test(text: str) -> bool:
    words = text.casefold()
    return ("test" in words or "holdout" in words or "hold_out" in words) and "val" not in words
