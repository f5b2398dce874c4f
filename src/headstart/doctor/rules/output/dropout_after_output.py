"""Dropout on the output itself, or between the last weights and the softmax.

What it is
    A Dropout layer stands behind the last layer, or behind the raw values that a softmax or sigmoid turns
    into answers. Dropout belongs between hidden layers.

Why it hurts
    In training a share of the answers is set to 0 at random, and the rest is made larger: the loss punishes
    the net for numbers that it never gave. A probability of 0 for the right class has the largest loss
    there is.

Wrong
    model.add(Dense(10, activation="softmax"))
    model.add(Dropout(0.5))

Right
    model.add(Dropout(0.5))
    model.add(Dense(10, activation="softmax"))

How it was measured
    In inference the Dropout layer hands on exactly what becomes the output, and of two passes in training
    mode over the same rows the outputs differ, with zeros among them or behind them at its rate.

When it is wrong
    Dropout before the last Dense is the usual place. Features that are no answers may be dropped on
    purpose: the rule asks for a loss of Keras's that compares the output with labels or numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes.flow import Pass
from headstart.doctor.probes.heads import Head
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.repair.output_edits import own_line
from headstart.doctor.views.head_losses import is_regression

NAME = "dropout-after-output"
GROUP = "output"
FIXES = True

EXPLAINS = ("loss-not-falling", "dropout-too-strong", "train-below-val-confusion", "loss-nan")

KINDS = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "AlphaDropout", "GaussianDropout")


def check(case: Case) -> Iterable[Finding]:
    """Finds a Dropout that hands on the output, or what enters its softmax."""
    layers = [layer for layer in case.layers if type(layer).__name__ in KINDS and _rate(layer) > 0]
    if not layers:
        return
    for head in case.probes.heads.each:
        if head.name or not _compared(head):
            continue
        for done in case.probes.flow.passes:
            if done.layer not in layers or done.output is None:
                continue
            after = _equal(done.output, head.output)
            before = not after and _enters_function(head, done)
            if after or before:
                finding = _finding(case, head, done.layer, after)
                if finding is not None:
                    yield finding
                break


def _rate(layer: Any) -> float:
    rate = getattr(layer, "rate", 0)
    return float(rate) if isinstance(rate, int | float) else 0.0


def _compared(head: Head) -> bool:
    loss = head.loss
    if loss is None or not loss.builtin:
        return False
    classes = loss.crossentropy and head.kind not in ("none", "values")
    return classes or is_regression(head)


def _equal(one: Any, other: Any) -> bool:
    return one.shape == other.shape and bool(np.array_equal(one, other))


def _enters_function(head: Head, done: Pass) -> bool:
    """Whether the last layer is a function alone, and takes what the Dropout gave."""
    layer = head.layer
    if (
        layer is None
        or layer.weights
        or head.activation not in ("softmax", "sigmoid")
        or head.entered is None
    ):
        return False
    return done.output is not None and _equal(done.output, head.entered)


def _finding(case: Case, head: Head, layer: Any, after: bool) -> Finding | None:
    modes = case.probes.modes
    if not modes.random_in_training or modes.random_at_inference:
        return None
    evidence: dict[str, Any] = {"rate": _rate(layer), "units": head.units}
    if after:
        evidence["share of zeros in the output when training"] = round(float((modes.training == 0).mean()), 3)
        evidence["when predicting"] = round(float((modes.inference == 0).mean()), 3)
    else:
        apart = float(np.abs(modes.training - modes.training_again).mean())
        evidence["two training passes over one batch differ by, on average"] = round(apart, 4)
    where = (
        "the answers themselves" if after else f"the raw values that the {head.activation} makes answers of"
    )
    place = case.place_of(layer)
    return Finding(
        NAME,
        "warning",
        place,
        f"this {type(layer).__name__} drops {where}, at a rate of {_rate(layer):g}",
        evidence,
        EXPLAINS,
        _edit(case, layer, place),
        cost=0.2,
    )


def _edit(case: Case, layer: Any, place: Place | None) -> Edit | None:
    event = own_line(case, layer)
    if event is None or place is None:
        return None
    if _added(case, place):
        return Edit("Take the dropout away", (edits.remove_statement(place),), safe=True)
    return Edit("Switch the dropout off", (edits.set_argument(place, "rate", "0.0", 0),), safe=True)


def _added(case: Case, place: Place) -> bool:
    """Whether the layer is made in a `model.add(...)` that is a statement of its own."""
    unit = case.unit(place)
    for node in ast.walk((unit.tree() if unit is not None else None) or ast.Module([], [])):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.value.args:
            call, made = node.value, node.value.args[0]
            adds = isinstance(call.func, ast.Attribute) and call.func.attr == "add"
            if adds and (made.lineno, made.end_lineno) == (place.line, place.end_line):
                return made.col_offset + 1 == place.column
    return False
