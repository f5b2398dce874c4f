"""A model is saved in a way that Keras 3 refuses: `save_format=`, or a path without a known ending.

What it is
    The ending of the path decides: `.keras` (or the older `.h5`) for a model, `.weights.h5` for weights.
    A folder in TensorFlow's own format comes from `model.export`.

Why it hurts
    The call raises a ValueError or a TypeError, after all of the training, and nothing is kept.

Wrong
    model.save("my_model", save_format="tf")

Right
    model.save("my_model.keras")

How it was measured
    A line after the fit calls the method on a live model of Keras 3, with a path that is known; or the call
    was made.

When it is wrong
    `.h5` still works and only warns; a path that is put together at run time is not judged.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable

from headstart.doctor.capture.patches.constructors import with_ending
from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Edit, Finding, Operation, Place
from headstart.doctor.repair import edits
from headstart.doctor.repair.path_edits import path_edit
from headstart.doctor.rest.places import place_of
from headstart.doctor.rest.readings import is_model
from headstart.doctor.rest.values import Use, Val

NAME = "save-format"
GROUP = "versions"
WHEN = "always"
FIXES = True

WHOLE = (".keras", ".h5", ".hdf5", ".keras.zip")


def check(case: Case) -> Iterable[Finding]:
    """Calls that were made with save_format, that will be made, and that ended the script."""
    for event in case.trace.of_kind("removed-argument", "save_format"):
        if event.place is None:
            continue
        method = str(event.arguments["method"])
        given = event.arguments["args"]
        path = given[0] if given else event.arguments["all"].get("filepath")
        found = _judged(case, event.place, method, _text(path), True)
        if found is not None:
            yield found
    try:
        rest = case.probes.rest
    except ProbeError:
        return
    for use in rest.calls("save", "save_weights", "save_model"):
        if not isinstance(use.node, ast.Call) or not _of_keras(use):
            continue
        whole = use.name == "save_model"
        path = use.argument(1 if whole else 0, "filepath")
        formatted = "save_format" in use.keywords
        found = _judged(case, place_of(case, use.unit, use.node), use.name, _ending(use, path), formatted)
        if found is not None:
            yield found
    error, crash = case.error, case.crash
    if isinstance(error, ValueError) and crash is not None and crash.place is not None:
        text = str(error)
        if any(part in text for part in REFUSALS):
            yield Finding(
                NAME,
                "error",
                crash.place,
                "Keras 3 refuses this path: it must end in .keras for a model, in .weights.h5 for weights",
                {"raised": text[:160]},
                cost=0.8,
            )


REFUSALS = (
    "Invalid filepath extension for saving",
    "`save_format` argument is deprecated",
    "The filename must end in `.weights.h5`",
    "File format not supported: filepath=",
)


def _of_keras(use: Use) -> bool:
    if use.name == "save_model":
        module = str(getattr(getattr(use.callee, "live", None), "__module__", ""))
        return module.startswith("keras.")
    return use.base is not None and is_model(use.base.live) and use.name not in vars(type(use.base.live))


def _text(path: object) -> str | None:
    try:
        return str(os.fspath(path))  # type: ignore[call-overload]
    except TypeError:
        return None


def _ending(use: Use, path: Val | None) -> str | None:
    """The path, or as much of its end as is written down; None where that cannot be told."""
    if path is None:
        return None
    if path.known:
        return _text(path.live)
    node = use.node
    if not isinstance(node, ast.Call) or not node.args:
        return None
    given = node.args[-1 if use.name == "save_model" else 0]
    if isinstance(given, ast.JoinedStr) and given.values and isinstance(given.values[-1], ast.Constant):
        return "..." + str(given.values[-1].value)
    return None


def _judged(case: Case, place: Place, method: str, path: str | None, formatted: bool) -> Finding | None:
    if path is None and not formatted:
        return None
    weights = method == "save_weights"
    wanted = ".weights.h5" if weights else ".keras"
    fits = path is not None and path.endswith((".weights.h5",) if weights else WHOLE)
    if fits and (not formatted or not weights):
        # The argument alone is only warned about.
        return None
    if path is None and not weights:
        return None
    steps: list[Operation] = []
    if formatted:
        steps.append(edits.remove_argument(place, "save_format"))
    if not fits and path is not None:
        renamed = path_edit(case, place, path, with_ending(path, weights)) if "..." not in path else ()
        if not renamed:
            steps = []
        steps.extend(renamed)
    what = f"{method}() of Keras 3 does not take save_format=" if formatted else ""
    if not fits and path is not None:
        what = f"{method}() of Keras 3 refuses a path that does not end in {wanted}"
    edit = Edit(f"Save to a path that ends in {wanted}", tuple(steps), safe=True) if steps else None
    return Finding(
        NAME,
        "error",
        place,
        what,
        {"path": path, "save_format": formatted, "raised by Keras 3": "TypeError" if fits else "ValueError"},
        edit=edit,
        cost=0.6,
    )
