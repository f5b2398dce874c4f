"""Puts other lines in place of a statement."""

from __future__ import annotations

from typing import Any

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import EditError, Site


def apply(site: Site, operation: Operation) -> None:
    """Comments above the statement and behind it stay; the new lines take its indentation."""
    new = list(cst.parse_module(operation.parameters["code"].rstrip("\n") + "\n").body)

    def change(statement: Any) -> Any:
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            raise EditError("the statement shares its line or is a block")
        lines: list[Any] = list(new)
        lines[0] = lines[0].with_changes(leading_lines=statement.leading_lines)
        lines[-1] = lines[-1].with_changes(trailing_whitespace=statement.trailing_whitespace)
        return cst.FlattenSentinel(lines)

    site.change(site.statement(operation.place), change)
