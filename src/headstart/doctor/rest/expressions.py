"""Evaluates expressions as far as live objects and tags allow; calls nothing of the user's."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from headstart.doctor.capture.source import Unit
from headstart.doctor.rest import readings
from headstart.doctor.rest.names import Names, attribute_of, of_live
from headstart.doctor.rest.parts import element as element_of
from headstart.doctor.rest.values import UNKNOWN, Function, Tag, Use, Val, mixed

STEPS = 20_000
"""Statements and expressions after which following ends."""
SIMPLE = (int, float, str, bool, bytes, type(None))

ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


class SpentError(Exception):
    """The rest is longer than what is followed."""


class Evaluator:
    """Evaluates expressions, and keeps a list of the uses met on the way."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self.units = units
        self.uses: list[Use] = []
        self.loops: tuple[ast.AST, ...] = ()
        self.overrides: dict[Any, Val] = {}
        self._spent = 0
        self._following: list[int] = []
        self._returned: list[Val] = []

    def spend(self) -> None:
        """Counts a step.

        Raises:
            SpentError: When there were too many.
        """
        self._spent += 1
        if self._spent > STEPS:
            raise SpentError

    def use(
        self,
        kind: str,
        node: ast.AST,
        names: Names,
        name: str,
        base: Val | None,
        args: tuple[Val, ...],
        keywords: Mapping[str, Val] | None = None,
        callee: Val | None = None,
    ) -> None:
        """Notes a use."""
        self.uses.append(
            Use(kind, node, names.unit, name, base, args, keywords or {}, callee, self.loops, len(self.uses))
        )

    # ----- expressions ---------------------------------------------------------------------------

    def value(self, node: ast.expr, names: Names) -> Val:
        """What is known of an expression."""
        self.spend()
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is not None:
            found: Val = method(node, names)
            return found
        return mixed(*(self.value(n, names) for n in ast.iter_child_nodes(node) if isinstance(n, ast.expr)))

    def _constant(self, node: ast.Constant, _names: Names) -> Val:
        return Val(live=node.value)

    def _name(self, node: ast.Name, names: Names) -> Val:
        return names.get(node.id)

    def _starred(self, node: ast.Starred, names: Names) -> Val:
        return self.value(node.value, names)

    def _tuple(self, node: ast.Tuple | ast.List, names: Names) -> Val:
        parts = tuple(self.value(part, names) for part in node.elts)
        joined = mixed(*parts)
        if any(isinstance(part, ast.Starred) for part in node.elts):
            return joined
        live: Any = UNKNOWN
        if all(part.known for part in parts):
            live = tuple(p.live for p in parts) if isinstance(node, ast.Tuple) else [p.live for p in parts]
        return Val(live=live, tags=joined.tags, parts=parts)

    _list = _tuple

    def _dict(self, node: ast.Dict, names: Names) -> Val:
        keys = [self.value(key, names) if key is not None else Val() for key in node.keys]
        values = [self.value(value, names) for value in node.values]
        live: Any = UNKNOWN
        if all(v.known for v in (*keys, *values)):
            try:
                live = {k.live: v.live for k, v in zip(keys, values, strict=True)}
            except TypeError:
                live = UNKNOWN
        return Val(live=live, tags=mixed(*keys, *values).tags)

    def _attribute(self, node: ast.Attribute, names: Names) -> Val:
        base = self.value(node.value, names)
        self.use("attribute", node, names, node.attr, base, ())
        if base.source is not None and node.attr in readings.LABELS:
            tag = Tag("truth", base.source.key, 0, node, base.source)
            return Val(live=attribute_of(base.live, node.attr), tags=base.tags | {tag})
        live = attribute_of(base.live, node.attr)
        if live is not UNKNOWN:
            found = of_live(live)
            return Val(live=live, tags=base.tags | found.tags, source=found.source)
        return Val(tags=mixed(base).tags)

    def _subscript(self, node: ast.Subscript, names: Names) -> Val:
        base = self.value(node.value, names)
        index = self.value(node.slice, names) if not isinstance(node.slice, ast.Slice) else Val()
        self.use("subscript", node, names, "", base, (index,))
        sliced = isinstance(node.slice, ast.Slice)
        if base.exact is not None:
            if sliced:
                return Val(tags=base.tags, exact=base.exact, row=base.row)
            whole = isinstance(node.slice, ast.Constant | ast.Name) and not base.row
            return Val(tags=mixed(base, index).tags, exact=base.exact if whole else None, row=whole)
        place = index.live if base.parts is not None and isinstance(index.live, int) else None
        if base.parts is not None and place is not None and -len(base.parts) <= place < len(base.parts):
            return base.parts[place]
        live: Any = UNKNOWN
        if (
            base.known
            and index.known
            and isinstance(base.live, list | tuple | dict | np.ndarray)
            and not sliced
        ):
            try:
                live = base.live[index.live]
            except Exception:
                live = UNKNOWN
        return Val(live=live, tags=mixed(base, index).tags)

    def _binop(self, node: ast.BinOp, names: Names) -> Val:
        return self.combined(node.op, self.value(node.left, names), self.value(node.right, names))

    def combined(self, op: ast.operator, left: Val, right: Val) -> Val:
        """The result of an operator."""
        live: Any = UNKNOWN
        if left.known and right.known and isinstance(left.live, SIMPLE) and isinstance(right.live, SIMPLE):
            try:
                live = ARITHMETIC[type(op)](left.live, right.live)
            except Exception:
                live = UNKNOWN
        tags = mixed(left, right).tags
        if any(tag.kind == "picture" for tag in tags):
            tags |= {Tag("scaled")}
        return Val(live=live, tags=tags)

    def _unaryop(self, node: ast.UnaryOp, names: Names) -> Val:
        value = self.value(node.operand, names)
        if isinstance(node.op, ast.USub) and value.known and isinstance(value.live, int | float):
            return Val(live=-value.live)
        return mixed(value)

    def _compare(self, node: ast.Compare, names: Names) -> Val:
        sides = tuple(self.value(side, names) for side in (node.left, *node.comparators))
        self.use("compare", node, names, "", None, sides)
        return mixed(*sides)

    def _ifexp(self, node: ast.IfExp, names: Names) -> Val:
        test = self.value(node.test, names)
        self.use("branch", node, names, "if", None, (test,))
        return mixed(test, self.value(node.body, names), self.value(node.orelse, names))

    def _namedexpr(self, node: ast.NamedExpr, names: Names) -> Val:
        value = self.value(node.value, names)
        names.set(node.target.id, value)
        return value

    def _lambda(self, node: ast.Lambda, names: Names) -> Val:
        return Val(function=Function(node, names.unit, names))

    def _joinedstr(self, node: ast.JoinedStr, names: Names) -> Val:
        parts = [self.value(part, names) for part in node.values]
        return mixed(*parts)

    def _formattedvalue(self, node: ast.FormattedValue, names: Names) -> Val:
        return mixed(self.value(node.value, names))

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, names: Names) -> Val:
        inner = Names(names.unit, {}, {}, names)
        before = self.loops
        for generator in node.generators:
            over = self.value(generator.iter, inner)
            self.bind(generator.target, element_of(over, node), inner)
            self.loops = (*self.loops, node)
            for condition in generator.ifs:
                self.value(condition, inner)
        element = self.value(node.elt, inner)
        self.loops = before
        return Val(tags=mixed(element).tags, element=element)

    _generatorexp = _listcomp
    _setcomp = _listcomp

    def bind(self, target: ast.expr, value: Val, names: Names) -> None:
        """Binds a target; the walker knows how."""
        raise TypeError(target, value, names)
