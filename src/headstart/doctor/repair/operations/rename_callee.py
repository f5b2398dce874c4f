"""Renames what is called."""

from __future__ import annotations

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import EditError, Site


def apply(site: Site, operation: Operation) -> None:
    """Changes the last name: `a.b.old(...)` to `a.b.new(...)`."""
    new = operation.parameters["new"]

    def change(call: cst.Call) -> cst.Call:
        if isinstance(call.func, cst.Attribute):
            return call.with_changes(func=call.func.with_changes(attr=cst.Name(new)))
        if isinstance(call.func, cst.Name):
            return call.with_changes(func=cst.Name(new))
        raise EditError("what is called has no name")

    site.change(site.call(operation.place), change)
