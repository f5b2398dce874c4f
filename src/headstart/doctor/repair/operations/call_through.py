"""Turns a method call into a call of a function: `model.fit(x)` into `headstart.fit(model, x)`."""

from __future__ import annotations

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import EditError, Site, expression


def apply(site: Site, operation: Operation) -> None:
    """The object before the dot becomes the first argument; layout and comments stay."""
    function = operation.parameters["function"]
    call = site.call(operation.place)
    if not isinstance(call.func, cst.Attribute):
        raise EditError("what is called is no method")

    def change(node: cst.Call) -> cst.Call:
        assert isinstance(node.func, cst.Attribute)
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        first = cst.Arg(node.func.value, comma=comma if node.args else cst.MaybeSentinel.DEFAULT)
        return node.with_changes(func=expression(function), args=[first, *node.args])

    site.change(call, change)
