"""From a node of the syntax tree to a place and to its text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from headstart.doctor.capture.source import Unit
from headstart.doctor.records import Place

if TYPE_CHECKING:
    from headstart.doctor.case import Case


def place_of(case: Case, unit: Unit, node: ast.AST) -> Place:
    """Where an expression or a statement stands, with columns in characters."""
    lines = unit.text.splitlines()
    first, last = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined]
    start = _characters(lines, first, node.col_offset)  # type: ignore[attr-defined]
    end = _characters(lines, last, node.end_col_offset or 0)  # type: ignore[attr-defined]
    return Place(case.script, first, start + 1, end + 1, last, unit.cell)


def text_of(unit: Unit, node: ast.AST) -> str:
    """The text of a node, as it is written."""
    return ast.get_source_segment(unit.text, node) or ""


def _characters(lines: list[str], line: int, offset: int) -> int:
    text = lines[line - 1] if line <= len(lines) else ""
    if text.isascii():
        return offset
    return len(text.encode("utf-8")[:offset].decode("utf-8", errors="replace"))
