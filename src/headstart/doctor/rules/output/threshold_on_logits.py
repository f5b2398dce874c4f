"""Predictions are cut at one half although they are raw values.

What it is
    The model ends without a sigmoid, its loss takes raw values (`from_logits=True`), and the script
    compares what `predict` gives with 0.5, or rounds it.

Why it hurts
    A raw value of 0 stands for a probability of one half; one of 0.5 stands for 0.62. Rows between the two
    are answered wrongly, and rounding gives numbers that are no classes at all.

Wrong
    labels = model.predict(x) > 0.5

Right
    labels = model.predict(x) > 0

How it was measured
    The live model's output is linear, reaches outside 0..1, and its loss is binary cross-entropy with
    `from_logits`; the line is found in the script's text, by following what `predict` of this model gives.

When it is wrong
    With a sigmoid in the model, or put on by hand after predicting, one half is right; so it is for a
    regression on 0 and 1. The rule follows only values that nothing was done to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from headstart.doctor.capture.source import Unit
from headstart.doctor.case import Case
from headstart.doctor.lines.nodes import place_in
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.views.targets import BINARY

NAME = "threshold-on-logits"
GROUP = "output"
FIXES = True

SHAPING = ("flatten", "ravel", "squeeze", "reshape", "numpy", "copy")
"""Methods and functions that leave the values alone."""


def check(case: Case) -> Iterable[Finding]:
    """Looks at the output and its loss, then for the line."""
    loss = case.loss
    if loss is None or not loss.builtin or not loss.from_logits or loss.name not in BINARY:
        return
    model = _model_name(case)
    if model is None or _renamed(case, model):
        return
    for head in case.probes.heads.each:
        if head.activation != "linear" or head.kind not in ("binary", "multi", "one-hot") or not head.wide:
            continue
        share = float(((head.output > 0) & (head.output <= 0.5)).mean())
        for place, rounds in _cuts(case, model):
            edit = None
            if not rounds:
                edit = Edit("Cut the raw values at 0", (edits.replace(place, "0"),), safe=True)
            yield Finding(
                NAME,
                "warning",
                place,
                "raw values are "
                + ("rounded" if rounds else "cut at 0.5")
                + " as if they were probabilities",
                {
                    "lowest output": round(float(head.output.min()), 4),
                    "highest": round(float(head.output.max()), 4),
                    "share between 0 and 0.5 before training": round(share, 3),
                },
                ("accuracy-wrong-form",),
                edit,
                cost=0.05,
            )


def _model_name(case: Case) -> str | None:
    """How the script names the model that is fitted: "model", "self.net"."""
    place = case.fit.place if case.fit is not None else None
    if place is None:
        return None
    try:
        call = ast.parse(case.code(place), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        return ast.unparse(call.func.value)
    return None


def _renamed(case: Case, model: str) -> bool:
    """Whether the name stands for another model later, perhaps one with a sigmoid put on."""
    place = case.fit.place if case.fit is not None else None
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(node, ast.Assign) or model not in map(ast.unparse, node.targets):
                continue
            if place is None or (unit.cell or 0, node.lineno) > (place.cell or 0, place.line):
                return True
    return False


def _cuts(case: Case, model: str) -> Iterator[tuple[Place, bool]]:
    trees = [(unit, unit.tree()) for unit in case.units]
    raw = _names(trees, model)
    for unit, tree in trees:
        for node in ast.walk(tree or ast.Module([], [])):
            if isinstance(node, ast.Compare) and len(node.ops) == 1:
                right = node.comparators[0]
                half = isinstance(right, ast.Constant) and right.value == 0.5
                order = isinstance(node.ops[0], ast.Gt | ast.GtE | ast.Lt | ast.LtE)
                if half and order and _is_raw(node.left, model, raw):
                    yield place_in(unit, right, case.script), False
            elif isinstance(node, ast.Call) and _rounds(node, model, raw):
                yield place_in(unit, node, case.script), True


def _names(trees: list[tuple[Unit, ast.Module | None]], model: str) -> set[str]:
    """Names that are only ever given what `predict` returned."""
    given: dict[str, list[ast.expr]] = {}
    for _, tree in trees:
        for node in ast.walk(tree or ast.Module([], [])):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name):
                            given.setdefault(name.id, []).append(node.value)
            elif isinstance(node, ast.AugAssign | ast.For | ast.arg | ast.AnnAssign):
                target = node.target if not isinstance(node, ast.arg) else ast.Name(node.arg)
                if isinstance(target, ast.Name):
                    given.setdefault(target.id, []).append(ast.Constant(None))
    raw: set[str] = set()
    for _ in range(3):
        raw |= {name for name, values in given.items() if all(_is_raw(v, model, raw) for v in values)}
    return raw


def _is_raw(node: ast.expr, model: str, raw: set[str]) -> bool:
    """Whether an expression is what the model predicted, at most in another shape."""
    if isinstance(node, ast.Name):
        return node.id in raw
    if isinstance(node, ast.Subscript):
        return _is_raw(node.value, model, raw)
    if not isinstance(node, ast.Call):
        return False
    if ast.unparse(node.func) in (f"{model}.predict", f"{model}.predict_on_batch", model):
        return True
    if isinstance(node.func, ast.Attribute) and node.func.attr in SHAPING:
        # A method of the values, or a function of NumPy's on them.
        inner = node.func.value
        if _is_raw(inner, model, raw):
            return True
        return isinstance(inner, ast.Name) and bool(node.args) and _is_raw(node.args[0], model, raw)
    return False


def _rounds(node: ast.Call, model: str, raw: set[str]) -> bool:
    function = node.func
    if not isinstance(function, ast.Attribute) or function.attr not in ("round", "rint", "around"):
        return False
    if len(node.args) > 1 or node.keywords:
        # Rounding to some decimals is for printing.
        return False
    if node.args:
        return isinstance(function.value, ast.Name) and _is_raw(node.args[0], model, raw)
    return _is_raw(function.value, model, raw)
