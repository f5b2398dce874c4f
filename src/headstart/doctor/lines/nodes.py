"""From a node of the syntax tree to its place in the text."""

from __future__ import annotations

import ast
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
