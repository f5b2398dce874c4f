"""Augmenting layers are there, and change no picture in training.

What it is
    Random flips and turns act in training mode only. Called with training=False, or made and then not
    used in the model or the data, they let every picture through as it is.

Why it hurts
    Training looks augmented and is not: a small set is learnt by heart.

Wrong
    x = augment(inputs, training=False)

Right
    x = augment(inputs)

How it was measured
    In a training pass of the live model, or in the pipeline, the layer's output equals its input,
    although the layer, called in training mode on the same pictures, changes them. Or the layers were
    made, and neither the model nor the script ever uses them.

When it is wrong
    A factor of 0 on purpose changes nothing in training mode either; layers kept for a later stage of the
    script are named again in its text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines.nodes import place_in
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.flow import Pass
from headstart.doctor.records import Finding, Place
from headstart.doctor.views.augmenting import augmenters, augments, changes

NAME = "augment-inactive"
GROUP = "input"

EXPLAINS = ("overfit-small-data",)


def check(case: Case) -> Iterable[Finding]:
    """Looks at the layers in the model, in the maps of the data, and at those left over."""
    made = [e for e in case.trace.of_kind("layer") if augments(e.result)]
    if not made:
        return
    silent = list(_silent(case))
    if silent:
        layer = silent[0].layer
        yield _finding(
            _call_place(case, layer) or case.place_of(layer),
            f"{type(layer).__name__} is called so that it changes no picture in training",
            {
                "layers that change nothing": len(silent),
                "pictures": 0 if silent[0].input is None else len(silent[0].input),
            },
        )
        return
    inner = {id(layer) for layer in case.layers}
    used = inner | {id(e.subject) for e in case.trace.of_kind("call")}
    left = [e for e in made if id(e.result) not in used]
    for event in left:
        place = _unused(case, event.place)
        if place is not None and id(event.result) not in _called_inside(case):
            yield _finding(
                place,
                f"{event.name} is made, but neither the model nor the data goes through it",
                {"augmenting layers that are not used": len(left)},
            )
            return


def _finding(place: Place | None, message: str, evidence: dict[str, int]) -> Finding:
    return Finding(NAME, "warning", place, message, evidence, EXPLAINS, cost=0.03)


def _silent(case: Case) -> Iterator[Pass]:
    """Passes in training mode through layers that could change their pictures and did not."""
    passes: list[Pass] = []
    for probe in ("modes", "mapped"):
        try:
            if probe == "modes" and any(augments(layer) for layer in case.layers):
                passes.extend(case.probes.modes.training_passes)
            elif probe == "mapped":
                passes.extend(done for mapped in case.probes.mapped for done in mapped.passes)
        except ProbeError:
            continue
    for done in passes:
        if not augments(done.layer) or done.input is None or done.output is None or done.input.ndim != 4:
            continue
        if done.input.shape != done.output.shape or not np.array_equal(done.input, done.output):
            continue
        if float(np.ptp(done.input)) > 0 and changes(done.layer, done.input.astype(np.float32)):
            yield done


def _call_place(case: Case, layer: Any) -> Place | None:
    """The call with training=False of the layer, or of what holds it."""
    for event in case.trace.of_kind("call"):
        off = event.arguments.get("training") is False
        if off and any(one is layer for one in augmenters(event.subject)):
            return event.place
    names = set()
    for owner in (case.model, *case.layers):
        # PyTorch keeps its modules in a dictionary of their own.
        for name, value in {**vars(owner), **(vars(owner).get("_modules") or {})}.items():
            if hasattr(value, "_flatten_layers") and any(one is layer for one in augmenters(value)):
                names.add(name)
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(node, ast.Call) or getattr(node.func, "attr", None) not in names:
                continue
            if any(k.arg == "training" and _false(k.value) for k in node.keywords):
                return place_in(unit, node, case.script)
    return None


def _false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _called_inside(case: Case) -> set[int]:
    """Augmenting layers that are part of anything that the script has called."""
    return {id(one) for e in case.trace.of_kind("call") for one in augmenters(e.subject)}


def _unused(case: Case, place: Place | None) -> Place | None:
    """The statement that made the layer, where its name stands nowhere else in the script."""
    unit = case.unit(place) if place is not None else None
    if unit is None or place is None:
        return None
    name = None
    for node in ast.walk(unit.tree() or ast.Module([], [])):
        if isinstance(node, ast.Assign) and node.lineno <= place.line <= (node.end_lineno or node.lineno):
            goal = node.targets[0]
            name, found = (goal.id if isinstance(goal, ast.Name) else None), place_in(unit, node, place.file)
    if name is None:
        return None
    for other in case.units:
        for node in ast.walk(other.tree() or ast.Module([], [])):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                return None
    return found
