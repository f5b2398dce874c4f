"""Takes a statement away."""

from __future__ import annotations

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import Site


def apply(site: Site, operation: Operation) -> None:
    """A block that would be left empty gets a `pass`."""
    statement = site.statement(operation.place)
    block = site.parent(statement)
    if isinstance(block, cst.IndentedBlock) and len(block.body) == 1:
        site.change(statement, lambda _: cst.parse_statement("pass\n"))
    else:
        site.change(statement, lambda _: cst.RemoveFromParent())
