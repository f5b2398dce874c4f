"""Finds the line on which the values of a variable came about, from the text before a call."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from headstart.doctor.lines.nodes import place_in
from headstart.doctor.records import Place

if TYPE_CHECKING:
    from headstart.doctor.case import Case

SAME_VALUES = frozenset(
    [
        "to_categorical",
        "array",
        "asarray",
        "astype",
        "reshape",
        "ravel",
        "flatten",
        "squeeze",
        "expand_dims",
        "copy",
        "to_numpy",
        "float32",
        "int32",
        "convert_to_tensor",
        "cast",
        "constant",
        "column_or_1d",
        "tolist",
        "list",
        "one_hot",
    ]
)
"""Calls that only change the form of labels."""
SPLITS = frozenset({"train_test_split", "shuffle", "resample"})


def call_at(case: Case, place: Place | None) -> ast.Call | None:
    """The call that stands at a place."""
    unit = case.unit(place) if place is not None else None
    if unit is None or place is None:
        return None
    for node in ast.walk(unit.tree() or ast.Module([], [])):
        if not isinstance(node, ast.Call) or (node.lineno, node.end_lineno) != (place.line, place.end_line):
            continue
        at = place_in(unit, node, place.file)
        if (at.column, at.end_column) == (place.column, place.end_column):
            return node
    return None


def place_of(case: Case, near: Place, node: ast.AST) -> Place | None:
    """The place of a part of the text in the unit that `near` lies in."""
    unit = case.unit(near)
    if unit is None or not isinstance(node, ast.expr):
        return None
    return place_in(unit, node, near.file)


def argument(call: ast.Call | None, name: str, position: int | None = None) -> ast.expr | None:
    """What a call was given by that name, or at that position."""
    if call is None:
        return None
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    if position is None or position >= len(call.args):
        return None
    found = call.args[position]
    return None if isinstance(found, ast.Starred) else found


def fit_expression(case: Case, name: str) -> ast.expr | None:
    """What the script wrote for an argument of `fit`: "x", "y" or "validation_data", or one by name only."""
    if case.fit is None:
        return None
    return argument(call_at(case, case.fit.place), name, {"x": 0, "y": 1}.get(name))


def name_in(expression: ast.expr | None) -> str | None:
    """The variable behind an expression that only changes the form or takes a part of it."""
    while expression is not None:
        if isinstance(expression, ast.Name):
            return expression.id
        if isinstance(expression, ast.Subscript):
            expression = expression.value
        elif isinstance(expression, ast.Call) and _called(expression) in SAME_VALUES:
            inner = expression.func.value if isinstance(expression.func, ast.Attribute) else None
            module = isinstance(inner, ast.Name) and inner.id in ("np", "numpy", "tf", "keras", "utils", "pd")
            if inner is not None and not module and not isinstance(inner, ast.Attribute):
                expression = inner
            else:
                expression = expression.args[0] if expression.args else None
        elif isinstance(expression, ast.Attribute) and expression.attr in ("values", "T"):
            expression = expression.value
        else:
            return None
    return None


def _called(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def origin(case: Case, name: str | None, before: Place | None) -> Place | None:
    """The statement that made the values of a variable, past splits and changes of form."""
    found: Place | None = None
    seen: set[tuple[str, int, int]] = set()
    while name is not None and before is not None:
        made = assigned(case, name, before)
        if made is None:
            return found
        place, value = made
        if _empty(value[1], value[0], name):
            filled = _appended(case, name, place, before)
            if filled is not None:
                return filled
        key = (name, place.line, place.cell or 0)
        if key in seen:
            return found
        seen.add(key)
        found, before, name = place, place, _source(value, name)
    return found


def _empty(expression: ast.expr, target: ast.expr, name: str) -> bool:
    """Whether a variable begins as an empty list: what fills it is the line that counts."""
    if isinstance(target, ast.Tuple | ast.List) and isinstance(expression, ast.Tuple | ast.List):
        pairs = zip(target.elts, expression.elts, strict=False)
        expression = next((e for t, e in pairs if isinstance(t, ast.Name) and t.id == name), expression)
    if isinstance(expression, ast.Call) and _called(expression) == "list":
        return not expression.args
    return isinstance(expression, ast.List) and not expression.elts


def _appended(case: Case, name: str, after: Place, before: Place) -> Place | None:
    """The one line between two places that puts something into a list; None where there are several."""
    here = case.unit(before)
    units = list(case.units)
    if here is None:
        return None
    lines: list[Place] = []
    for unit in units[: units.index(here) + 1]:
        if unit.cell is not None and after.cell is not None and unit.cell < after.cell:
            continue
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(node, ast.Expr | ast.AugAssign):
                continue
            if (unit.cell == after.cell and node.lineno <= after.line) or (
                unit is here and node.lineno >= before.line
            ):
                continue
            if _fills(node, name):
                lines.append(place_in(unit, node, before.file))
    return lines[0] if len(lines) == 1 else None


def _fills(node: ast.Expr | ast.AugAssign, name: str) -> bool:
    if isinstance(node, ast.AugAssign):
        return isinstance(node.target, ast.Name) and node.target.id == name
    call = node.value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return False
    owner = call.func.value
    return call.func.attr in ("append", "extend") and isinstance(owner, ast.Name) and owner.id == name


def _source(value: tuple[ast.expr, ast.expr], name: str) -> str | None:
    target, expression = value
    if isinstance(expression, ast.Call) and _called(expression) in SPLITS:
        if isinstance(target, ast.Tuple | ast.List):
            names = [one.id if isinstance(one, ast.Name) else None for one in target.elts]
            at = names.index(name) if name in names else 0
            each = max(1, len(names) // max(1, len(expression.args)))
            return name_in(expression.args[at // each]) if at // each < len(expression.args) else None
        return name_in(expression.args[0]) if expression.args else None
    if isinstance(target, ast.Tuple | ast.List):
        if isinstance(expression, ast.Tuple | ast.List) and len(expression.elts) == len(target.elts):
            for one, given in zip(target.elts, expression.elts, strict=True):
                if isinstance(one, ast.Name) and one.id == name:
                    return name_in(given)
        return None
    return name_in(expression)


def assigned(case: Case, name: str, before: Place) -> tuple[Place, tuple[ast.expr, ast.expr]] | None:
    """The last assignment to a variable above a place: its place, its target and its value."""
    units = list(case.units)
    here = case.unit(before)
    if here is None:
        return None
    best: tuple[Place, tuple[ast.expr, ast.expr]] | None = None
    for unit in units[: units.index(here) + 1]:
        for node, target, value in _assignments(unit.tree()):
            late = unit is here and (node.end_lineno or node.lineno) >= before.line
            if late or name not in _names(target):
                continue
            if best is None or unit.cell != best[0].cell or node.lineno >= best[0].line:
                best = place_in(unit, node, before.file), (target, value)
    return best


def _assignments(tree: ast.AST | None) -> Iterator[tuple[ast.stmt, ast.expr, ast.expr]]:
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield node, target, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield node, node.target, node.value


def _names(target: ast.expr) -> set[str]:
    if isinstance(target, ast.Tuple | ast.List):
        return {name for one in target.elts for name in _names(one)}
    return {target.id} if isinstance(target, ast.Name) else set()
