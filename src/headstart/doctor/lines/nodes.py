"""From a node of the syntax tree to its place in the text, and to the name that it is about."""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import TYPE_CHECKING

from headstart.doctor.records import Place

if TYPE_CHECKING:
    from headstart.doctor.capture.source import Unit


def place_in(unit: Unit, node: ast.AST, file: str) -> Place:
    """Where an expression or a statement stands, with columns in characters."""
    lines = unit.text.splitlines()
    first: int = node.lineno  # type: ignore[attr-defined]
    last: int = node.end_lineno or first  # type: ignore[attr-defined]
    start = characters(lines, first, node.col_offset)  # type: ignore[attr-defined]
    end = characters(lines, last, node.end_col_offset or 0)  # type: ignore[attr-defined]
    return Place(file, first, start + 1, end + 1, last, unit.cell)


def characters(lines: list[str], line: int, offset: int) -> int:
    """Turns a byte offset, as Python counts columns, into characters."""
    text = lines[line - 1] if line <= len(lines) else ""
    if text.isascii():
        return offset
    return len(text.encode("utf-8")[:offset].decode("utf-8", errors="replace"))


def root(value: ast.expr, owners: Collection[str] | None = ("self", "data")) -> str | None:
    """The name that an expression is about: `x` for `np.array(x[:10])` and for `x / 255`.

    Args:
        value: The expression.
        owners: Names whose attributes are names of their own: `self.x` is, where `x.values` is about `x`.
            None: every attribute is.
    """
    while True:
        if isinstance(value, ast.Name):
            return value.id
        if isinstance(value, ast.Subscript | ast.Starred):
            value = value.value
        elif isinstance(value, ast.Attribute):
            if owners is None or (isinstance(value.value, ast.Name) and value.value.id in owners):
                return ast.unparse(value)
            value = value.value
        elif isinstance(value, ast.Call) and value.args:
            value = value.args[0]
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            value = value.func.value
        elif isinstance(value, ast.BinOp):
            value = value.left
        else:
            return None
