"""Finds the line of a script that brought in, or last changed, what a fit trains on, and what is bound then.

Text finds the line only: whether something is wrong with the data is for measurements to say.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from headstart.doctor.lines.nodes import place_in, root
from headstart.doctor.lines.values import argument
from headstart.doctor.records import Place

if TYPE_CHECKING:
    from headstart.doctor.capture.source import Unit
    from headstart.doctor.capture.trace import Event
    from headstart.doctor.case import Case

HANDED_ON = ("train_test_split", "shuffle")
"""Functions that hand arrays on as they are."""
POSITION = {"x": 0, "y": 1}


def call_of(case: Case, place: Place | None) -> ast.Call | None:
    """The call at a place, as a syntax tree of its own."""
    if place is None:
        return None
    try:
        # Brackets, because the text may run over several lines.
        tree = ast.parse(f"({case.code(place)})", mode="eval").body
    except (SyntaxError, ValueError):
        return None
    return tree if isinstance(tree, ast.Call) else None


def data_place(case: Case, name: str = "x") -> Place | None:
    """The line that a person would look at for an argument of the fit: "x", "y" or "validation_data".

    For arrays the last statement that assigned the name, splits and plain renames followed back; for a data
    set or a generator the call that it began with. The fit itself where there is none.
    """
    fit = case.fit
    if fit is None:
        return None
    source = case.fit_argument(name)
    origin = origin_of(case, source)
    if origin is not None and origin.place is not None:
        return origin.place
    variable = name_given(case, name)
    found = assigned_at(case, variable) if variable is not None else None
    return found or fit.place


def origin_of(case: Case, source: Any) -> Event | None:
    """The first event in the chain that made a data set or a generator."""
    event = case.trace.event_of(source)
    kinds = ("dataset", "image-flow", "inner-image-flow", "pydataset")
    if event is None or event.kind not in kinds:
        return None
    for _ in range(64):
        before = case.trace.event_of(event.subject) if event.subject is not None else None
        if before is None or before.kind not in kinds:
            break
        event = before
    generator = event.arguments.get("image_data_generator")
    made = case.trace.event_of(generator) if generator is not None else None
    return made or event


def name_given(case: Case, name: str = "x") -> str | None:
    """The variable that the script passes as an argument of the fit."""
    call = call_of(case, case.fit.place if case.fit is not None else None)
    if call is None:
        return None
    value = argument(call, name, POSITION.get(name))
    if isinstance(value, ast.Tuple | ast.List) and value.elts:
        value = value.elts[0]
    return root(value) if value is not None else None


def assigned_at(case: Case, name: str) -> Place | None:
    """The last statement before the fit that gives a name its value."""
    fit = case.fit.place if case.fit is not None else None
    if fit is None:
        return None
    seen: set[str] = set()
    found: Place | None = None
    limit: tuple[int, int] | None = (fit.cell or 0, fit.line)
    while name not in seen:
        seen.add(name)
        last = _last(case, name, limit) or (_last(case, name, None) if found is None else None)
        if last is None:
            return found
        unit, statement, value = last
        found = place_in(unit, statement, fit.file)
        follow = _handed_on(value)
        if follow is None:
            return found
        if follow == name:
            seen.discard(name)
        name, limit = follow, (unit.cell or 0, statement.lineno)
    return found


def _last(
    case: Case, name: str, limit: tuple[int, int] | None
) -> tuple[Unit, ast.stmt, ast.expr | None] | None:
    last = None
    for unit in case.units:
        for statement, value in assignments(unit, name):
            if limit is None or (unit.cell or 0, statement.lineno) < limit:
                last = (unit, statement, value)
    return last


def _handed_on(value: ast.expr | None) -> str | None:
    """The name that is passed on unchanged: through a split, or in part."""
    if isinstance(value, ast.Call):
        called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        return root(value.args[0]) if called in HANDED_ON and value.args else None
    if isinstance(value, ast.Subscript | ast.Name):
        return root(value)
    return None


def assignments(unit: Unit, name: str) -> Iterator[tuple[ast.stmt, ast.expr | None]]:
    """Statements that assign a name, in the order of the text, with the value that goes to it."""
    found: list[tuple[ast.stmt, ast.expr | None]] = []
    for node in ast.walk(unit.tree() or ast.Module([], [])):
        if isinstance(node, ast.Assign):
            for goal in node.targets:
                found.extend((node, value) for one, value in _pairs(goal, node.value) if _goal(one) == name)
        elif isinstance(node, ast.AugAssign) and _goal(node.target) == name:
            found.append((node, None))
        elif isinstance(node, ast.AnnAssign) and _goal(node.target) == name and node.value is not None:
            found.append((node, node.value))
    yield from sorted(found, key=lambda pair: pair[0].lineno)


def _goal(goal: ast.expr) -> str | None:
    """The name that an assignment is to: `x` for `x[:, 0] = ...` too."""
    return root(goal) if isinstance(goal, ast.Name | ast.Subscript | ast.Attribute | ast.Starred) else None


def _pairs(goal: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """What goes to which name in `a, (b, c) = x, (y, z)`."""
    if not isinstance(goal, ast.Tuple | ast.List):
        return [(goal, value)]
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(goal.elts):
        pairs = zip(goal.elts, value.elts, strict=True)
        return [pair for one, other in pairs for pair in _pairs(one, other)]
    if isinstance(value, ast.Call) and value.args and len(goal.elts) == 2 * len(value.args):
        # A split gives two parts of each of its arguments.
        return [(one, value if i < 2 else ast.Constant(None)) for i, one in enumerate(goal.elts)]
    return [pair for one in goal.elts for pair in _pairs(one, value)]


def visible(case: Case) -> dict[str, Any]:
    """The variables that the user's code sees where it calls fit; empty when it no longer runs."""
    found: dict[str, Any] = {}
    if case.stage != "fit":
        return found
    frame: Any = sys._getframe(1)
    while frame is not None:
        if case.trace.files.named(frame.f_code.co_filename) is not None:
            for scope in (frame.f_locals, frame.f_globals):
                for name, value in scope.items():
                    found.setdefault(name, value)
        frame = frame.f_back
    return found
