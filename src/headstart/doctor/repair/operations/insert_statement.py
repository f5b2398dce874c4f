"""Puts lines before or after a statement."""

from __future__ import annotations

from typing import Any

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import Site


def apply(site: Site, operation: Operation) -> None:
    """The new lines take the statement's indentation."""
    new = list(cst.parse_module(operation.parameters["code"].rstrip("\n") + "\n").body)
    where = operation.parameters["where"]

    def change(statement: Any) -> Any:
        # Two edits may meet at one statement.
        old = list(statement.nodes) if isinstance(statement, cst.FlattenSentinel) else [statement]
        return cst.FlattenSentinel([*new, *old] if where == "before" else [*old, *new])

    site.change(site.statement(operation.place), change)
