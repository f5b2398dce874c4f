"""A misspelt `trainable` made a new attribute, and froze nothing.

What it is
    Python lets any attribute be set on a layer. `layer.trainble = False` raises no error and does nothing.

Why it hurts
    The layer goes on training. A pretrained base that was meant to be frozen loses what it knows.

Wrong
    base.trainble = False

Right
    base.trainable = False

How it was measured
    A live layer of Keras's own classes carries an attribute that no class of its defines, whose name is a
    letter or two away from `trainable`, and its real flag says otherwise.

When it is wrong
    A subclass may have attributes of its own by any name: only Keras's own classes are looked at.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.lines.nodes import place_in
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.views.freezing import size

NAME = "trainable-typo"
GROUP = "backbone"
FIXES = True

EXPLAINS = ("backbone-unfrozen-high-rate", "bn-batch-stats-finetune", "trainable-wrong-object")
CLOSE = 0.75


def check(case: Case) -> Iterable[Finding]:
    """Looks for such names on the layers, then for the line."""
    seen: dict[str, list[Any]] = {}
    for layer in _within(case):
        for name, value in _misspelt(layer):
            if bool(value) != bool(layer.trainable):
                seen.setdefault(name, []).append(layer)
    for name, layers in seen.items():
        spot = _line(case, name)
        value = not layers[0].trainable
        edit = None
        if spot is not None and spot[1] is not None:
            edit = Edit("Write the name as Keras has it", (edits.replace(*spot[1]),), safe=True)
        weights = size({id(v): v for layer in layers for v in layer.trainable_variables}.values())
        yield Finding(
            NAME,
            "error" if not value and weights else "warning",
            spot[0] if spot is not None else None,
            f"{name!r} is no attribute of a layer, so nothing was {'freed' if value else 'frozen'}",
            {
                "layers that carry it": len(layers),
                "their flag 'trainable'": bool(layers[0].trainable),
                "weights that train all the same" if not value else "weights that stay frozen": weights
                or size(v for layer in layers for v in layer.variables),
            },
            EXPLAINS,
            edit,
            cost=0.2,
        )


def _within(case: Case) -> list[Any]:
    """The model, its layers, and models that lent it theirs: those are no part of its graph themselves."""
    inside = [case.model, *case.layers]
    known = {id(layer) for layer in inside}
    lenders = [b.model for b in case.backbones]
    lenders += [e.subject for e in case.trace.of_kind("layer") if getattr(e.subject, "layers", None)]
    for lender in lenders:
        if id(lender) not in known and any(id(layer) in known for layer in lender.layers):
            known.add(id(lender))
            inside.append(lender)
    return inside


def _misspelt(layer: Any) -> Iterator[tuple[str, Any]]:
    if not type(layer).__module__.startswith("keras."):
        return
    for name, value in vars(layer).items():
        if name.startswith("_") or not isinstance(value, bool | int) or hasattr(type(layer), name):
            continue
        if name != "trainable" and alike(name):
            yield name, value


def alike(name: str) -> bool:
    """Whether a name is `trainable` misspelt."""
    return difflib.SequenceMatcher(None, name.lower().strip("_"), "trainable").ratio() >= CLOSE


def _line(case: Case, name: str) -> tuple[Place, tuple[Place, str] | None] | None:
    """The statement that sets the attribute, and what to write for its target."""
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(node, ast.Assign | ast.AnnAssign):
                continue
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Attribute) and target.attr == name:
                    place = place_in(unit, target, case.script)
                    return place, (place, f"{ast.unparse(target.value)}.trainable")
    return None
