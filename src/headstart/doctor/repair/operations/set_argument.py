"""Gives a call an argument."""

from __future__ import annotations

import libcst as cst

from headstart.doctor.records import Operation
from headstart.doctor.repair.site import Site, expression


def apply(site: Site, operation: Operation) -> None:
    """Replaces the argument's value where it is given, else adds it at the end."""
    name = operation.parameters["name"]
    value = operation.parameters["value"]
    position = operation.parameters.get("position")

    def change(call: cst.Call) -> cst.Call:
        arguments = list(call.args)
        for index, argument in enumerate(arguments):
            named = argument.keyword is not None and argument.keyword.value == name
            placed = position is not None and argument.keyword is None and not argument.star
            if named or (placed and index == int(position or -1)):
                arguments[index] = argument.with_changes(value=expression(value))
                return call.with_changes(args=arguments)
        added = cst.Arg(
            expression(value),
            cst.Name(name),
            equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
        )
        if arguments:
            last = arguments[-1]
            if isinstance(last.comma, cst.Comma):
                # Keeps a trailing comma, and what follows it on a line of its own.
                added = added.with_changes(comma=last.comma)
                last = last.with_changes(comma=_like(arguments))
            else:
                added = added.with_changes(whitespace_after_arg=last.whitespace_after_arg)
                last = last.with_changes(
                    comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")),
                    whitespace_after_arg=cst.SimpleWhitespace(""),
                )
            arguments[-1] = last
        return call.with_changes(args=[*arguments, added])

    site.change(site.call(operation.place), change)


def _like(arguments: list[cst.Arg]) -> cst.Comma:
    """The comma between arguments, as the call's own layout has it."""
    between = arguments[-2].comma if len(arguments) > 1 else None
    if isinstance(between, cst.Comma):
        return between
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
