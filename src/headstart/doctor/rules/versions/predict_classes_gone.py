"""`predict_classes` or `predict_proba` is called, which Keras no longer has.

What it is
    Both were methods of Sequential models. What they gave is `predict`, and the class that follows from it.

Why it hurts
    The call raises an AttributeError, after all of the training.

Wrong
    classes = model.predict_classes(x_test)

Right
    classes = model.predict(x_test).argmax(axis=-1)

How it was measured
    The method was called on a live model of Keras 3, or will be by a line after the fit. Whether the answer
    is an argmax or a threshold follows from the columns of the live output.

When it is wrong
    scikit-learn's models, and wrappers with its interface, do have `predict_proba`: the rule looks at the
    object.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of
from headstart.doctor.rest.readings import is_model

NAME = "predict-classes-gone"
GROUP = "versions"
WHEN = "always"
FIXES = True

OLD = ("predict_classes", "predict_proba")


def check(case: Case) -> Iterable[Finding]:
    """Calls that were made, and calls that the rest of the script makes."""
    for event in case.trace.of_kind("removed-method"):
        if event.name in OLD and event.place is not None:
            yield _finding(case, event.name, event.place, event.subject)
    try:
        rest = case.probes.rest
    except ProbeError:
        return
    for use in rest.calls(*OLD):
        if use.base is None or not is_model(use.base.live) or not isinstance(use.node, ast.Call):
            continue
        if use.name not in vars(type(use.base.live)):
            yield _finding(case, use.name, place_of(case, use.unit, use.node), use.base.live)


def _finding(case: Case, old: str, place: Place, model: Any) -> Finding:
    columns = _columns(case, model)
    return Finding(
        NAME,
        "error",
        place,
        f"models of Keras 3 have no {old}()",
        {"raised by Keras 3": "AttributeError", "columns of the predictions": columns},
        edit=_edit(case, old, place, columns),
        cost=0.8,
    )


def _columns(case: Case, model: Any) -> int | None:
    if model is case.model:
        try:
            output = case.probes.flow.output
        except ProbeError:
            output = None
        if isinstance(output, np.ndarray) and output.ndim == 2:
            return int(output.shape[1])
    shape = getattr(model, "output_shape", None)
    if isinstance(shape, tuple) and len(shape) == 2 and isinstance(shape[1], int):
        return shape[1]
    return None


def _edit(case: Case, old: str, place: Place, columns: int | None) -> Edit | None:
    rename = edits.rename_callee(place, "predict")
    if old == "predict_proba":
        return Edit("Call predict", (rename,), safe=True)
    if columns is None:
        return None
    code = case.code(place)
    if code.count("predict_classes") != 1:
        return None
    call = code.replace("predict_classes", "predict")
    new = f'({call} > 0.5).astype("int32")' if columns == 1 else f"{call}.argmax(axis=-1)"
    title = "Take the class from predict"
    return Edit(title, (edits.replace(place, new),), safe=True)
