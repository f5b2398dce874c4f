"""Takes keyword arguments out of a call."""

from __future__ import annotations

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import Site


def apply(site: Site, operation: Operation) -> None:
    """Drops the arguments; what becomes the last one loses its comma where the last one had none."""
    names = set(operation.parameters["names"].split(","))

    def change(call: cst.Call) -> cst.Call:
        kept = [a for a in call.args if a.keyword is None or a.keyword.value not in names]
        if kept and call.args and kept[-1] is not call.args[-1]:
            last = call.args[-1]
            kept[-1] = kept[-1].with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
        return call.with_changes(args=kept)

    site.change(site.call(operation.place), change)
