"""Calls: what they give as far as it is known, and functions of the user's, which are followed."""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from headstart.doctor.rest import readings
from headstart.doctor.rest.expressions import Evaluator
from headstart.doctor.rest.names import Names, attribute_of, of_live
from headstart.doctor.rest.parts import merged
from headstart.doctor.rest.values import UNKNOWN, Function, Tag, Val, mixed

DEPTH = 6
"""Calls within calls that are followed."""

KEEPING = {
    "array",
    "asarray",
    "copy",
    "numpy",
    "astype",
    "vstack",
    "concatenate",
    "convert_to_numpy",
    "round",
    "rint",
    "around",
}
"""Functions and methods that give a prediction as it was."""

CHANGING = {"append", "extend", "add", "update", "insert"}

PREDICTING = {"predict", "predict_on_batch", "predict_proba", "predict_generator"}


class Caller(Evaluator):
    """Evaluates calls too."""

    def _call(self, node: ast.Call, names: Names) -> Val:
        base: Val | None = None
        if isinstance(node.func, ast.Attribute):
            base = self.value(node.func.value, names)
            name = node.func.attr
            live = attribute_of(base.live, name)
            callee = of_live(live) if live is not UNKNOWN else Val()
        else:
            callee = self.value(node.func, names)
            name = node.func.id if isinstance(node.func, ast.Name) else ""
        args = tuple(self.value(arg, names) for arg in node.args)
        keywords = {k.arg or "**": self.value(k.value, names) for k in node.keywords}
        self.use("call", node, names, name, base, args, keywords, callee)
        if name in CHANGING and isinstance(node.func, ast.Attribute):
            inside = node.func.value
            if isinstance(inside, ast.Name) and base is not None and args:
                names.set(inside.id, merged(base, args[-1]))
            return Val()
        if name in readings.SCALING:
            # Some of these change the array that they are given.
            for given in node.args:
                if isinstance(given, ast.Name):
                    before = names.get(given.id)
                    names.set(given.id, replace(before, tags=before.tags | {Tag("scaled")}))
        return self._result(node, name, base, callee, args, keywords)

    def _result(
        self,
        node: ast.Call,
        name: str,
        base: Val | None,
        callee: Val,
        args: tuple[Val, ...],
        keywords: Mapping[str, Val],
    ) -> Val:
        code = getattr(inspect.unwrap(callee.live), "__code__", None) if callable(callee.live) else None
        if code is not None and code in self.overrides:
            return self.overrides[code]
        model = readings.model_called(name, base, callee, PREDICTING)
        if model is not None:
            given = args[0] if args else keywords.get("x")
            tag = Tag("prediction", id(model), id(node), node, model, given)
            return Val(tags=frozenset({tag}), exact=tag)
        if base is not None and readings.is_model(base.live) and name == "fit":
            return Val(tags=frozenset({Tag("history", id(base.live), 0, node, base.live)}))
        if name in KEEPING and (base is None or base.exact is None) and args and args[0].exact is not None:
            return args[0]
        if name in KEEPING and base is not None and base.exact is not None:
            return base
        special = readings.made(node, name, base, callee, args, keywords)
        if special is not None:
            return special
        function = callee.function or self._of_user(callee.live, base)
        if function is not None:
            return self.follow(function, args, keywords)
        tags = mixed(base, *args, *keywords.values()).tags
        element = mixed(args[0]) if name in ("list", "tuple") and args and args[0].element is None else None
        if name in ("list", "tuple", "iter") and args:
            return Val(tags=tags, element=args[0].element or element, source=args[0].source)
        return Val(tags=tags | readings.marks(name, callee, tags))

    def follow(self, function: Function, args: tuple[Val, ...], keywords: Mapping[str, Val]) -> Val:
        """Follows a function of the user's, unless that would go too deep or round in circles."""
        if len(self._following) >= DEPTH or id(function.node) in self._following:
            return mixed(*args, *keywords.values())
        self._following.append(id(function.node))
        try:
            return self.run(function, args, keywords)
        finally:
            self._following.pop()

    def run(self, function: Function, args: tuple[Val, ...], keywords: Mapping[str, Val]) -> Val:
        """Executes a function's body; the walker knows how."""
        raise TypeError(function, args, keywords)

    def _of_user(self, live: Any, base: Val | None) -> Function | None:
        plain = live
        bound: Val | None = None
        if isinstance(live, types.MethodType):
            plain, bound = live.__func__, base or Val(live=live.__self__)
        if not isinstance(plain, types.FunctionType):
            return None
        unit = self.units.get(plain.__code__.co_filename)
        tree = unit.tree() if unit is not None else None
        if unit is None or tree is None:
            return None
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == plain.__name__:
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                if first == plain.__code__.co_firstlineno:
                    closed = inspect.getclosurevars(plain).nonlocals
                    return Function(node, unit, Names(unit, closed, plain.__globals__), bound)
        return None
