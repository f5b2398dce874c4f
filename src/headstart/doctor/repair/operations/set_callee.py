"""Calls something else with the same arguments."""

from __future__ import annotations

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import Site, expression


def apply(site: Site, operation: Operation) -> None:
    """Replaces all of what stands before the parenthesis."""
    code = operation.parameters["code"]

    def change(call: cst.Call) -> cst.Call:
        return call.with_changes(func=expression(code))

    site.change(site.call(operation.place), change)
