"""Changes the ending of a path where it is written, and where the same file is read again."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from headstart.doctor.records import Operation, Place
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case

READERS = ("load_model", "load_weights")


def path_edit(case: Case, call: Place, old: str, new: str) -> tuple[Operation, ...]:
    """Steps that make a path in a call another, and the same path in calls that load it.

    Nothing where the path is not a literal, or ends in no literal.

    Args:
        call: The place of the call that is given the path.
        old, new: The path, with the same beginning.
    """
    shared = len(_common(old, new))
    for unit in case.units:
        tree = unit.tree()
        if tree is None or unit.cell != call.cell:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and place_of(case, unit, node) == call:
                literal = _literal(tree, node, old)
                if literal is None:
                    return ()
                written = str(literal.value)
                # How much of the old ending the literal holds.
                kept = len(written) - (len(old) - shared)
                if kept < 0:
                    return ()
                changed = written[:kept] + new[shared:]
                step = edits.replace(place_of(case, unit, literal), _quoted(changed))
                return (step, *_again(case, literal, changed))
    return ()


def _common(old: str, new: str) -> str:
    length = 0
    while length < min(len(old), len(new)) and old[length] == new[length]:
        length += 1
    return old[:length]


def _literal(tree: ast.Module, call: ast.Call, path: str) -> ast.Constant | None:
    """The one literal that the path ends in: in the call, or in the one assignment of the name given."""
    given: ast.expr | None = next((k.value for k in call.keywords if k.arg == "filepath"), None)
    if given is None:
        named = getattr(call.func, "attr", getattr(call.func, "id", ""))
        position = 1 if named == "save_model" else 0
        given = call.args[position] if len(call.args) > position else None
    if isinstance(given, ast.Name):
        name = given.id
        made = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        ]
        given = made[0] if len(made) == 1 else None
    if isinstance(given, ast.Call) and given.args:
        given = given.args[-1]
    if isinstance(given, ast.BinOp):
        given = given.right
    if isinstance(given, ast.Constant) and isinstance(given.value, str) and path.endswith(given.value):
        return given
    return None


def _again(case: Case, literal: ast.Constant, new: str) -> list[Operation]:
    steps: list[Operation] = []
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            called = getattr(node, "func", None)
            name = getattr(called, "attr", getattr(called, "id", ""))
            if not isinstance(node, ast.Call) or name not in READERS or not node.args:
                continue
            given = node.args[0]
            if isinstance(given, ast.Constant) and given.value == literal.value:
                steps.append(edits.replace(place_of(case, unit, given), _quoted(new)))
    return steps


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
