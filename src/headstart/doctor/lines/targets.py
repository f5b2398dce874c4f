"""Finds the line of a script that made, or last changed, the targets of a fit.

Text finds the line only: whether something is wrong with the targets is for measurements to say.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.doctor.lines.inputs import POSITION, call_of
from headstart.doctor.lines.nodes import place_in, root
from headstart.doctor.lines.values import argument
from headstart.doctor.records import Place

if TYPE_CHECKING:
    from headstart.doctor.capture.source import Unit
    from headstart.doctor.case import Case

SPLITS = ("train_test_split", "shuffle")
"""Functions that hand arrays on as they are, each to a name of its own."""
LABELS = ("y", "label", "labels", "lbl", "target", "targets", "mask", "masks")

Wanted = Callable[[ast.expr], bool]


@dataclass(frozen=True)
class _Step:
    """A statement that gives a name its value; `value` is the part of it that goes to that name."""

    unit: Unit
    statement: ast.stmt
    value: ast.expr
    alone: bool


def made_at(case: Case, wanted: Wanted | None = None) -> Place | None:
    """The last statement before the fit that assigns the targets.

    Args:
        case: The case.
        wanted: Which values to look for, such as divisions; None for any.

    Returns:
        The place of the statement, or of the one value in it that goes to the targets; None if nothing was
        found. Data sets and generators have no name for their targets: there, only a wanted expression
        about something that is called a label is found.
    """
    fit = case.fit.place if case.fit is not None else None
    if fit is None:
        return None
    name = _name_of_y(case)
    if name is None:
        return _by_word(case, wanted, fit.file) if wanted is not None else None
    until = (fit.cell or 0, fit.line)
    for _ in range(8):
        steps = [s for s in _steps(case, name) if (s.unit.cell or 0, s.statement.lineno) < until]
        picked = [s for s in steps if wanted is None or wanted(s.value)]
        follow = _handed_on(steps[-1], name) if steps else None
        if picked and (wanted is not None or follow is None):
            step = picked[-1]
            return place_in(step.unit, step.statement if step.alone else step.value, fit.file)
        if follow is None:
            return None
        name, until = follow, (steps[-1].unit.cell or 0, steps[-1].statement.lineno)
    return None


def _root_of(value: ast.expr) -> str | None:
    """The name that an expression is about; targets are often attributes, and `batch.y` is a name."""
    return root(value, owners=None)


def _name_of_y(case: Case) -> str | None:
    call = call_of(case, case.fit.place if case.fit is not None else None)
    value = argument(call, "y", POSITION["y"]) if call is not None else None
    return _root_of(value) if value is not None else None


def _steps(case: Case, name: str) -> list[_Step]:
    found: list[_Step] = []
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if isinstance(node, ast.Assign):
                for goal in node.targets:
                    for one, value in _pairs(goal, node.value):
                        if _root_of(one) == name:
                            found.append(_Step(unit, node, value, value is node.value))
            elif isinstance(node, ast.AugAssign) and _root_of(node.target) == name:
                found.append(_Step(unit, node, ast.BinOp(node.target, node.op, node.value), True))
    return sorted(found, key=lambda step: (step.unit.cell or 0, step.statement.lineno))


def _pairs(goal: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What goes to which name in `a, (b, c) = x, (y, z)`."""
    if not isinstance(goal, ast.Tuple | ast.List):
        yield goal, value
    elif isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(goal.elts):
        for one, other in zip(goal.elts, value.elts, strict=True):
            yield from _pairs(one, other)
    else:
        for one in goal.elts:
            yield from _pairs(one, value)


def _handed_on(step: _Step, name: str) -> str | None:
    """The name whose value a statement passes on unchanged: through a split, or in part."""
    value = step.value
    about = None
    if isinstance(value, ast.Call):
        called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        if called in SPLITS and len(value.args) > 1:
            about = _root_of(value.args[1])
    elif isinstance(value, ast.Subscript | ast.Name):
        about = _root_of(value)
    return about if about != name else None


def _by_word(case: Case, wanted: Wanted, file: str) -> Place | None:
    found = None
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            value: ast.expr
            if isinstance(node, ast.AugAssign):
                value = ast.BinOp(node.target, node.op, node.value)
            elif isinstance(node, ast.BinOp | ast.Call):
                value = node
            else:
                continue
            about = _root_of(value)
            words = about.lower().replace(".", "_").split("_") if about else []
            if wanted(value) and any(word.rstrip("0123456789") in LABELS for word in words):
                found = place_in(unit, node, file)
    return found
