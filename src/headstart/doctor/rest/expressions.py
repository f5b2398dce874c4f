"""Evaluates expressions as far as live objects and tags allow; calls nothing of the user's."""

from __future__ import annotations

import ast
import builtins
import inspect
import operator
import types
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from headstart.doctor.capture.source import Unit
from headstart.doctor.rest import readings
from headstart.doctor.rest.values import UNKNOWN, Function, Source, Tag, Use, Val, mixed

STEPS = 20_000
"""Statements and expressions after which following ends."""
DEPTH = 6
"""Calls within calls that are followed."""

SIMPLE = (int, float, str, bool, bytes, type(None))

ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}

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


class SpentError(Exception):
    """The rest is longer than what is followed."""


class Names:
    """The names that a piece of code sees: its own, then those of the run."""

    def __init__(
        self, unit: Unit, local: Mapping[str, Any], world: Mapping[str, Any], above: Names | None = None
    ) -> None:
        self.unit = unit
        self._own: dict[str, Val] = {}
        self._local = local
        self._world = world
        self._above = above

    def get(self, name: str) -> Val:
        """What a name stands for."""
        if name in self._own:
            return self._own[name]
        for space in (self._local, self._world):
            if name in space:
                return of_live(space[name])
        if self._above is not None:
            return self._above.get(name)
        found = vars(builtins).get(name, UNKNOWN)
        return Val(live=found)

    def set(self, name: str, value: Val) -> None:
        """Binds a name."""
        self._own[name] = value

    def has_own(self, name: str) -> bool:
        """Whether the piece itself has bound it."""
        return name in self._own


def of_live(value: Any) -> Val:
    """A live object as a value."""
    source = Source(id(value), value) if readings.is_source(value) else None
    return Val(live=value, source=source)


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
            return Val(live=_attribute(base.live, node.attr), tags=base.tags | {tag})
        live = _attribute(base.live, node.attr)
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
            self.bind(generator.target, self.element(over, node), inner)
            self.loops = (*self.loops, node)
            for condition in generator.ifs:
                self.value(condition, inner)
        element = self.value(node.elt, inner)
        self.loops = before
        return Val(tags=mixed(element).tags, element=element)

    _generatorexp = _listcomp
    _setcomp = _listcomp

    def _call(self, node: ast.Call, names: Names) -> Val:
        base: Val | None = None
        if isinstance(node.func, ast.Attribute):
            base = self.value(node.func.value, names)
            name = node.func.attr
            live = _attribute(base.live, name)
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
                names.set(inside.id, self.merged(base, args[-1]))
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

    # ----- pieces --------------------------------------------------------------------------------

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

    def bind(self, target: ast.expr, value: Val, names: Names) -> None:
        """Binds a target; the walker knows how."""
        raise TypeError(target, value, names)

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

    def element(self, over: Val, loop: ast.AST) -> Val:
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

    def split(self, value: Val, count: int) -> list[Val]:
        """The parts that a value is unpacked into."""
        if value.parts is not None and len(value.parts) == count:
            return list(value.parts)
        if value.known and isinstance(value.live, list | tuple) and len(value.live) == count:
            return [of_live(part) for part in value.live]
        return [mixed(value)] * count

    def merged(self, before: Val, added: Val) -> Val:
        """A container after something was put in."""
        element = added if before.element is None else mixed(before.element, added)
        return Val(tags=mixed(before, added).tags, element=element)


def _attribute(live: Any, name: str) -> Any:
    """An attribute of a live object, where reading it runs no code of the user's."""
    if live is UNKNOWN or name.startswith("__"):
        return UNKNOWN
    if isinstance(live, types.ModuleType):
        return vars(live).get(name, UNKNOWN) if "__getattr__" not in vars(live) else _lazily(live, name)
    try:
        static = inspect.getattr_static(live, name)
    except AttributeError:
        return UNKNOWN
    foreign = not str(getattr(type(live), "__module__", "")).startswith("__main__")
    if isinstance(static, property) and not foreign:
        return UNKNOWN
    try:
        return getattr(live, name)
    except Exception:
        return UNKNOWN


def _lazily(module: types.ModuleType, name: str) -> Any:
    """A name of a module that loads its parts when asked, such as TensorFlow; nothing is loaded here."""
    found = vars(module).get(name, UNKNOWN)
    if found is UNKNOWN and module.__name__.startswith(("tensorflow", "keras")):
        try:
            return getattr(module, name)
        except Exception:
            return UNKNOWN
    return found
