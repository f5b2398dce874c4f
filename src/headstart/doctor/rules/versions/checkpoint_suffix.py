"""`ModelCheckpoint` gets a path that does not end as Keras 3 wants it.

What it is
    The format follows from the ending: `.keras` for a whole model, `.weights.h5` with save_weights_only.

Why it hurts
    Any other ending, `.hdf5` and `.ckpt` among them, raises a ValueError where the callback is made.

Wrong
    ModelCheckpoint("weights.{epoch:02d}.hdf5")

Right
    ModelCheckpoint("weights.{epoch:02d}.keras")

How it was measured
    The callback was made with the path, or will be by a line after the fit. The doctor gave it the right
    ending, and went on.

When it is wrong
    A whole model may still go to `.h5`; a class of the user's own may take any path.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable
from typing import Any

from headstart.doctor.capture.patches.constructors import with_ending
from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair.path_edits import path_edit
from headstart.doctor.rest.places import place_of

NAME = "checkpoint-suffix"
GROUP = "versions"
WHEN = "always"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """Callbacks that were made, and that will be made."""
    for event in case.trace.of_kind("removed-argument", "filepath"):
        if event.place is not None:
            path = str(event.arguments["value"])
            yield _finding(case, event.place, path, bool(event.arguments["weights"]))
    try:
        rest = case.probes.rest
    except ProbeError:
        return
    for use in rest.calls("ModelCheckpoint"):
        made: Any = use.callee.live if use.callee is not None else None
        path = use.argument(0, "filepath")
        weights = use.argument(4, "save_weights_only")
        if not isinstance(made, type) or made.__name__ != "ModelCheckpoint" or path is None or not path.known:
            continue
        if not made.__module__.startswith("keras.") or (weights is not None and not weights.known):
            continue
        only = bool(weights.live) if weights is not None else False
        try:
            text = os.fspath(path.live)
        except TypeError:
            continue
        fits = str(text).endswith((".weights.h5",) if only else (".keras", ".h5"))
        if isinstance(text, str) and isinstance(use.node, ast.Call) and not fits:
            yield _finding(case, place_of(case, use.unit, use.node), text, only)


def _finding(case: Case, place: Place, path: str, weights: bool) -> Finding:
    wanted = ".weights.h5" if weights else ".keras"
    found = path_edit(case, place, path, with_ending(path, weights))
    return Finding(
        NAME,
        "error",
        place,
        f"ModelCheckpoint of Keras 3 wants a path that ends in {wanted}, and raises a ValueError",
        {"path": path, "save_weights_only": weights, "raised by Keras 3": "ValueError"},
        edit=Edit(f"Let the path end in {wanted}", found, safe=True) if found else None,
        cost=0.8,
    )
