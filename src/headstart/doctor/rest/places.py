"""From a node of the syntax tree to a place and to its text."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from headstart.doctor.capture.source import Unit
from headstart.doctor.lines.nodes import place_in
from headstart.doctor.records import Place

if TYPE_CHECKING:
    from headstart.doctor.case import Case


def place_of(case: Case, unit: Unit, node: ast.AST) -> Place:
    """Where an expression or a statement stands in the script."""
    return place_in(unit, node, case.script)


def text_of(unit: Unit, node: ast.AST) -> str:
    """The text of a node, as it is written."""
    return ast.get_source_segment(unit.text, node) or ""
