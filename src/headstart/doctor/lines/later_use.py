"""What the script does with its model after the fit, read from its text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.doctor.lines.inputs import assignments
from headstart.doctor.lines.nodes import place_in, root
from headstart.doctor.lines.values import argument
from headstart.doctor.records import Place

if TYPE_CHECKING:
    from headstart.doctor.capture.source import Unit
    from headstart.doctor.case import Case

USES = ("predict", "evaluate", "predict_on_batch", "test_on_batch", "predict_classes")


@dataclass(frozen=True)
class Use:
    """One call after the fit.

    Attributes:
        method: "predict", "evaluate" and so on.
        value: The data's expression.
        name: The variable that it is about, or None.
        unit, node, place: Where the call stands.
    """

    method: str
    value: ast.expr
    name: str | None
    unit: Unit
    node: ast.Call
    place: Place


def uses(case: Case) -> Iterator[Use]:
    """Calls of predict and evaluate in the text after the fit, on the name that was fitted."""
    fit = case.fit.place if case.fit is not None else None
    if fit is None or fit.file != case.script:
        return
    model = case.code(fit).split(".fit", 1)[0].strip()
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            late = (unit.cell or 0, node.lineno) > (fit.cell or 0, fit.end_line)
            if node.func.attr not in USES or not late or ast.unparse(node.func.value) != model:
                continue
            value = argument(node, "x", 0)
            if value is not None:
                yield Use(node.func.attr, value, root(value), unit, node, place_in(unit, node, fit.file))


def assigned_between(case: Case, name: str, use: Use) -> bool:
    """Whether a name gets another value between the fit and a use."""
    fit = case.fit.place if case.fit is not None else None
    first = (fit.cell or 0, fit.line) if fit is not None else (0, 0)
    last = (use.unit.cell or 0, use.node.lineno)
    for unit in case.units:
        if any(first < (unit.cell or 0, s.lineno) <= last for s, _ in assignments(unit, name)):
            return True
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            goals = [node.target] if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension) else []
            if any(isinstance(g, ast.Name) and g.id == name for goal in goals for g in ast.walk(goal)):
                return True
    return False


def made_from(case: Case, use: Use) -> list[tuple[Unit, ast.AST]]:
    """What made a use's data: its own expression, assignments of the names in it, helpers called."""
    found: list[tuple[Unit, ast.AST]] = []
    seen: set[str] = set()
    open_: list[tuple[Unit, ast.AST, int]] = [(use.unit, use.value, use.node.lineno)]
    while open_ and len(found) < 60:
        unit, node, line = open_.pop()
        found.append((unit, node))
        for inner in ast.walk(node):
            if not isinstance(inner, ast.Name) or inner.id in seen or not isinstance(inner.ctx, ast.Load):
                continue
            seen.add(inner.id)
            open_.extend(_makers(case, unit, inner.id, line))
    return found


def _makers(case: Case, unit: Unit, name: str, line: int) -> list[tuple[Unit, ast.AST, int]]:
    """What gives a name its value: every assignment before a line, or the function of that name."""
    found: list[tuple[Unit, ast.AST, int]] = []
    for other in case.units:
        for node in ast.walk(other.tree() or ast.Module([], [])):
            if isinstance(node, ast.FunctionDef) and node.name == name:
                found += [(other, node, node.end_lineno or node.lineno)]
        found.extend(
            (other, statement, statement.lineno)
            for statement, _ in assignments(other, name)
            if other is not unit or statement.lineno < line
        )
    return found


def calls(parts: list[tuple[Unit, ast.AST]]) -> Iterator[tuple[Unit, ast.Call, str]]:
    """Every call in them, with the last name of what is called."""
    for unit, part in parts:
        for node in ast.walk(part):
            if isinstance(node, ast.Call):
                function: Any = node.func
                name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
                yield unit, node, str(name)
