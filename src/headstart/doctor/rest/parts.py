"""What a container holds: for a loop over it, for names it is unpacked to, and after something was put in."""

from __future__ import annotations

import ast

from headstart.doctor.rest.names import of_live
from headstart.doctor.rest.values import Tag, Val, mixed


def element(over: Val, loop: ast.AST) -> Val:
    """What iterating over a value gives."""
    if over.element is not None:
        return over.element
    if over.source is not None:
        x = Tag("input", over.source.key, id(loop), loop, over.source)
        y = Tag("truth", over.source.key, id(loop), loop, over.source)
        return Val(tags=frozenset({x, y}), parts=(Val(tags=frozenset({x})), Val(tags=frozenset({y}))))
    if over.exact is not None and not over.row:
        return Val(tags=over.tags, exact=over.exact, row=True)
    if over.parts:
        return mixed(*over.parts)
    return Val(tags=over.tags)


def split(value: Val, count: int) -> list[Val]:
    """The parts that a value is unpacked into."""
    if value.parts is not None and len(value.parts) == count:
        return list(value.parts)
    if value.known and isinstance(value.live, list | tuple) and len(value.live) == count:
        return [of_live(part) for part in value.live]
    return [mixed(value)] * count


def merged(before: Val, added: Val) -> Val:
    """A container after something was put in."""
    element = added if before.element is None else mixed(before.element, added)
    return Val(tags=mixed(before, added).tags, element=element)
