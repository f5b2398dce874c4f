"""Preprocessing layers are taken from `layers.experimental`, which Keras 3 no longer has.

What it is
    RandomFlip, Rescaling, Normalization and their kin began under `layers.experimental.preprocessing`. They
    have been plain layers since.

Why it hurts
    The line raises an AttributeError or an ImportError before anything is trained.

Wrong
    layers.experimental.preprocessing.RandomFlip("horizontal")

Right
    layers.RandomFlip("horizontal")

How it was measured
    The name was asked for, and Keras had none. The doctor answered it with the plain layers, and went on.

When it is wrong
    A statement in a `try` that catches the failure is prepared for it, and is left alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.lines.old_imports import old_imports
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of, text_of

NAME = "experimental-preprocessing"
GROUP = "versions"
WHEN = "always"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """One finding an import, and one a layer that is named in full."""
    if not any(".experimental" in event.name for event in case.trace.of_kind("old-name")):
        return
    for found in old_imports(case):
        if any(".experimental" in name for name in found.old):
            yield _finding(found.place, found.edit, found.old[-1])
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if not _chain(node):
                continue
            base = node.value.value.value  # type: ignore[attr-defined]
            place = place_of(case, unit, node)
            code = f"{text_of(unit, base)}.{node.attr}"  # type: ignore[attr-defined]
            edit = Edit("Use the plain layer", (edits.replace(place, code),), safe=True)
            yield _finding(place, edit, text_of(unit, node))


def _chain(node: ast.AST) -> bool:
    """Whether it reads `something.experimental.preprocessing.Name`."""
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "preprocessing"
        and isinstance(node.value.value, ast.Attribute)
        and node.value.value.attr == "experimental"
    )


def _finding(place: object, edit: Edit | None, name: str) -> Finding:
    return Finding(
        NAME,
        "error",
        place,  # type: ignore[arg-type]
        "Keras 3 has no layers.experimental; these are plain layers now",
        {"not there": name},
        edit=edit,
        cost=0.9,
    )
