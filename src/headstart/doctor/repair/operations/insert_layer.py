"""Puts a layer before or after another, in the style of the script."""

from __future__ import annotations

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import EditError, Site, expression


def apply(site: Site, operation: Operation) -> None:
    """Knows three styles: an element of a list, a line of `model.add(...)`, a functional call."""
    call = site.expression(operation.place)
    code, where = operation.parameters["code"], operation.parameters["where"]
    holder = site.parent(call)
    if isinstance(holder, cst.Element):
        comma = _between(site.parent(holder), holder)
        site.change(holder, lambda element: _beside(element, comma, code, where))
    elif isinstance(holder, cst.Arg) and _adds(site.parent(holder)):
        _line(site, holder, code, where)
    elif isinstance(holder, cst.Call) and holder.func is call:
        _functional(site, holder, code, where)
    else:
        raise EditError("the layer stands neither in a list, nor in an add(), nor is it called at once")


def _between(sequence: cst.CSTNode | None, holder: cst.Element) -> cst.Comma:
    """The comma between elements, as the list's own layout has it."""
    elements = list(sequence.elements) if isinstance(sequence, cst.List | cst.Tuple) else [holder]
    comma = elements[0].comma
    if len(elements) > 1 and isinstance(comma, cst.Comma):
        return comma
    if isinstance(sequence, cst.List) and isinstance(
        space := sequence.lbracket.whitespace_after, cst.ParenthesizedWhitespace
    ):
        return cst.Comma(whitespace_after=space)
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _beside(
    element: cst.Element, comma: cst.Comma, code: str, where: str
) -> cst.FlattenSentinel[cst.Element]:
    new = cst.Element(expression(code))
    if where == "before":
        return cst.FlattenSentinel([new.with_changes(comma=comma), element])
    return cst.FlattenSentinel([element.with_changes(comma=comma), new.with_changes(comma=element.comma)])


def _adds(call: cst.CSTNode | None) -> bool:
    return (
        isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) and call.func.attr.value == "add"
    )


def _line(site: Site, argument: cst.Arg, code: str, where: str) -> None:
    add = site.parent(argument)
    statement = site.above(argument, cst.SimpleStatementLine)
    if not isinstance(add, cst.Call) or statement is None:
        raise EditError("the add() is no line of its own")
    new = cst.parse_statement(f"{site.code(add.func)}({code})\n")

    def change(line: cst.SimpleStatementLine) -> cst.FlattenSentinel[cst.BaseStatement]:
        # A comment or an empty line above belongs to what comes first.
        if where == "before" and isinstance(new, cst.SimpleStatementLine):
            first = new.with_changes(leading_lines=line.leading_lines)
            return cst.FlattenSentinel([first, line.with_changes(leading_lines=[])])
        return cst.FlattenSentinel([line, new])

    site.change(statement, change)


def _functional(site: Site, outer: cst.Call, code: str, where: str) -> None:
    layer = expression(code)

    def change(call: cst.Call) -> cst.Call:
        if where == "after":
            return cst.Call(layer, [cst.Arg(call)])
        if not call.args:
            raise EditError("the layer is called without an input")
        first = call.args[0]
        wrapped = first.with_changes(value=cst.Call(layer, [cst.Arg(first.value)]))
        return call.with_changes(args=[wrapped, *call.args[1:]])

    site.change(outer, change)
