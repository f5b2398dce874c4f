"""Renames a keyword argument."""

from __future__ import annotations

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import Site


def apply(site: Site, operation: Operation) -> None:
    """Keeps the value and the layout."""
    old, new = operation.parameters["old"], operation.parameters["new"]

    def change(call: cst.Call) -> cst.Call:
        return call.with_changes(
            args=[
                a.with_changes(keyword=cst.Name(new))
                if a.keyword is not None and a.keyword.value == old
                else a
                for a in call.args
            ]
        )

    site.change(site.call(operation.place), change)
