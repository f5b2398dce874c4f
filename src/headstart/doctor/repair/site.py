"""A user's text while it is edited: finds nodes by place, gathers changes, makes them in one pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider

from headstart.doctor.records import Operation, Place

Change = Callable[[Any], Any]
Node = TypeVar("Node", bound=cst.CSTNode)


class EditError(Exception):
    """The text is not as an edit expects it; the reason is its text."""


class Site:
    """One text under repair.

    Changes are asked for by node of the text as it was, and made together, so that the places of
    several operations all count in the same text.
    """

    def __init__(self, text: str) -> None:
        try:
            self._wrapper = MetadataWrapper(cst.parse_module(text))
        except cst.ParserSyntaxError as error:
            raise EditError(f"the text cannot be parsed: {error.message}") from None
        self._positions = self._wrapper.resolve(PositionProvider)
        self._parents = self._wrapper.resolve(ParentNodeProvider)
        self._changes: dict[cst.CSTNode, list[Change]] = {}

    @property
    def module(self) -> cst.Module:
        """The text's tree as it was."""
        return self._wrapper.module

    def change(self, node: cst.CSTNode, change: Change) -> None:
        """Asks for a change: a function from the node, as edited below, to what shall stand for it."""
        self._changes.setdefault(node, []).append(change)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node that holds a node."""
        return self._parents.get(node)

    def above(self, node: cst.CSTNode, kind: type[Node]) -> Node | None:
        """The nearest node of a kind above a node."""
        step = self.parent(node)
        while step is not None and not isinstance(step, kind):
            step = self.parent(step)
        return step

    def expression(self, place: Place) -> cst.BaseExpression:
        """The expression at a place.

        Raises:
            EditError: If none begins or ends there.
        """
        end = (place.end_line, place.end_column - 1)
        start = (place.line, place.column - 1)
        nodes = [node for node in self._positions if isinstance(node, cst.BaseExpression)]
        same_end = [n for n in nodes if self._end(n) == end]
        exact = [n for n in same_end if self._start(n) == start]
        # In a chain over several lines Python counts a call from the line of its last name.
        found = exact or [n for n in same_end if isinstance(n, cst.Call)]
        if not found:
            raise EditError(f"no expression ends at line {end[0]}, column {end[1] + 1}")
        return max(found, key=lambda n: (isinstance(n, cst.Call), -self._start(n)[0], -self._start(n)[1]))

    def call(self, place: Place) -> cst.Call:
        """The call at a place."""
        node = self.expression(place)
        if not isinstance(node, cst.Call):
            raise EditError(f"no call stands at line {place.line}")
        return node

    def statement(self, place: Place) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
        """The innermost statement that a place lies in."""
        best: Any = None
        for node in self._positions:
            if isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
                first, last = self._start(node)[0], self._end(node)[0]
                if first <= place.line <= last and (best is None or first >= self._start(best)[0]):
                    best = node
        if best is None:
            raise EditError(f"no statement stands at line {place.line}")
        return best  # type: ignore[no-any-return]

    def _start(self, node: cst.CSTNode) -> tuple[int, int]:
        position = self._positions[node].start
        return position.line, position.column

    def _end(self, node: cst.CSTNode) -> tuple[int, int]:
        position = self._positions[node].end
        return position.line, position.column

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node."""
        return self.module.code_for_node(node)

    def result(self) -> str:
        """The text with all changes made."""
        changes = self._changes

        class Transformer(cst.CSTTransformer):
            def on_leave(self, original_node: Any, updated_node: Any) -> Any:
                node = super().on_leave(original_node, updated_node)
                for change in changes.get(original_node, ()):
                    node = change(node)
                return node

        return self.module.visit(Transformer()).code


def edited(text: str, operations: Sequence[Operation]) -> str:
    """A text with operations carried out, all or none.

    Raises:
        EditError: If the text is not as they expect it, or would no longer be Python.
    """
    from headstart.doctor.repair.operations import carry_out

    site = Site(text)
    for operation in operations:
        carry_out(site, operation)
    result = site.result()
    try:
        compile(result, "<edited>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise EditError(f"the edit would leave text that is no Python: {error}") from None
    return result


def expression(code: str) -> cst.BaseExpression:
    """A piece of Python text as an expression."""
    return cst.parse_expression(code)
