"""Follows the statements that come after the `fit` that is about to run."""

from __future__ import annotations

import ast
import contextlib
import sys
from collections.abc import Mapping
from types import FrameType
from typing import TYPE_CHECKING, Any

from headstart.doctor.capture.source import Unit
from headstart.doctor.rest.calls import Caller
from headstart.doctor.rest.expressions import SpentError
from headstart.doctor.rest.names import Names
from headstart.doctor.rest.parts import element, merged, split
from headstart.doctor.rest.values import Function, Rest, Val, mixed

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Block = list[ast.stmt]

FIELDS = ("body", "orelse", "finalbody")


def rest_of(case: Case) -> Rest:
    """What is left after the current statement of each frame of the user's, innermost first."""
    units = {unit.filename: unit for unit in case.units}
    walker = Walker(units)
    frame: FrameType | None = sys._getframe()
    with contextlib.suppress(SpentError):
        while frame is not None:
            unit = units.get(frame.f_code.co_filename)
            if unit is not None:
                walker.rest(frame, unit)
            frame = frame.f_back
        # The cells of a notebook that come after the one that trains.
        walker.later_units(case.units)
    return Rest(tuple(walker.uses))


class Walker(Caller):
    """Executes statements on what is known of their values."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        super().__init__(units)
        self._last: tuple[Any, Val] | None = None
        self._module: Names | None = None
        self._unit: Unit | None = None

    def rest(self, frame: FrameType, unit: Unit) -> None:
        """Goes on in one frame after the statement that it stands in."""
        tree = unit.tree()
        if tree is None:
            return
        module = frame.f_code.co_name == "<module>"
        body = tree.body if module else _body_of(tree, frame)
        path = _path_to(body, frame.f_lineno)
        if path is None:
            return
        names = Names(unit, frame.f_locals, frame.f_globals)
        self._returned = []
        if self._last is not None:
            self.overrides = {self._last[0]: self._last[1]}
        for level, (block, index) in enumerate(reversed(path)):
            loops = tuple(
                b[i] for b, i in path[: len(path) - level - 1] if isinstance(b[i], ast.For | ast.While)
            )
            self.loops = loops
            self.block(block[index:] if level == 0 else block[index + 1 :], names)
        self.loops = ()
        self.overrides = {}
        self._last = (frame.f_code, mixed_keeping(self._returned))
        if module:
            self._module, self._unit = names, unit

    def later_units(self, units: Any) -> None:
        """Goes on with the cells after the current one."""
        if self._module is None or self._unit is None or self._unit.cell is None:
            return
        for unit in units:
            tree = unit.tree()
            if unit.cell is not None and unit.cell > self._unit.cell and tree is not None:
                self._module.unit = unit
                self.block(tree.body, self._module)

    # ----- statements ----------------------------------------------------------------------------

    def block(self, statements: Block, names: Names) -> None:
        """Executes statements one after the other."""
        for statement in statements:
            self.spend()
            self.statement(statement, names)

    def statement(self, node: ast.stmt, names: Names) -> None:
        """Executes one statement."""
        if isinstance(node, ast.Assign):
            value = self.value(node.value, names)
            for target in node.targets:
                self.bind(target, value, names)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self.bind(node.target, self.value(node.value, names), names)
        elif isinstance(node, ast.AugAssign):
            value = self.value(node.value, names)
            if isinstance(node.target, ast.Name):
                before = names.get(node.target.id)
                names.set(node.target.id, self.combined(node.op, before, value))
        elif isinstance(node, ast.Expr):
            self.value(node.value, names)
        elif isinstance(node, ast.Return):
            self._returned.append(self.value(node.value, names) if node.value is not None else Val())
        elif isinstance(node, ast.For):
            self.loop(node, names)
        elif isinstance(node, ast.While):
            self.value(node.test, names)
            self.inside(node, node.body, names)
            self.block(node.orelse, names)
        elif isinstance(node, ast.If):
            test = self.value(node.test, names)
            self.use("branch", node, names, "if", None, (test,))
            self.block(node.body, names)
            self.block(node.orelse, names)
        elif isinstance(node, ast.With):
            for item in node.items:
                value = self.value(item.context_expr, names)
                if item.optional_vars is not None:
                    self.bind(item.optional_vars, value, names)
            self.block(node.body, names)
        elif isinstance(node, ast.Try):
            self.block(node.body, names)
            for handler in node.handlers:
                self.block(handler.body, names)
            self.block(node.orelse, names)
            self.block(node.finalbody, names)
        elif isinstance(node, ast.FunctionDef):
            names.set(node.name, Val(function=Function(node, names.unit, names)))
        elif isinstance(node, ast.ClassDef):
            names.set(node.name, Val())
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self.imported(node, names)
        elif isinstance(node, ast.Delete):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    names.set(target.id, Val())
        elif isinstance(node, ast.Assert):
            self.value(node.test, names)

    def loop(self, node: ast.For, names: Names) -> None:
        """One pass through the body of a `for`, with its target bound to what iterating gives."""
        over = self.value(node.iter, names)
        self.bind(node.target, element(over, node), names)
        self.inside(node, node.body, names)
        self.block(node.orelse, names)

    def inside(self, loop: ast.AST, body: Block, names: Names) -> None:
        """Executes the body of a loop."""
        before = self.loops
        self.loops = (*before, loop)
        self.block(body, names)
        self.loops = before

    def imported(self, node: ast.Import | ast.ImportFrom, names: Names) -> None:
        """Binds names to modules that are loaded already; imports nothing."""
        for alias in node.names:
            if isinstance(node, ast.Import):
                first = alias.name if alias.asname else alias.name.split(".")[0]
                names.set(alias.asname or first, _loaded(first))
            else:
                module = sys.modules.get(node.module or "")
                found = vars(module).get(alias.name) if module is not None else None
                value = Val(live=found) if found is not None else _loaded(f"{node.module}.{alias.name}")
                names.set(alias.asname or alias.name, value)

    def bind(self, target: ast.expr, value: Val, names: Names) -> None:
        """Binds a target of an assignment."""
        if isinstance(target, ast.Name):
            names.set(target.id, value)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, mixed(value), names)
        elif isinstance(target, ast.Tuple | ast.List):
            for part, inner in zip(target.elts, split(value, len(target.elts)), strict=True):
                self.bind(part, inner, names)
        elif isinstance(target, ast.Subscript | ast.Attribute):
            base = target.value
            held = self.value(base, names)
            if isinstance(target, ast.Attribute):
                self.use("set", target, names, target.attr, held, (value,))
                return
            if isinstance(base, ast.Name):
                names.set(base.id, merged(names.get(base.id), value))

    def run(self, function: Function, args: tuple[Val, ...], keywords: Mapping[str, Val]) -> Val:
        """Follows a function of the user's and gives what it returns."""
        names = Names(function.unit, {}, {}, function.names)
        given = (function.bound, *args) if function.bound is not None else args
        parameters = [a.arg for a in [*function.node.args.posonlyargs, *function.node.args.args]]
        for name, default in zip(reversed(parameters), reversed(function.node.args.defaults), strict=False):
            names.set(name, self.value(default, names))
        for name in [a.arg for a in function.node.args.kwonlyargs]:
            names.set(name, Val())
        for position, name in enumerate(parameters):
            if position < len(given):
                names.set(name, given[position])
            elif name not in keywords and not names.has_own(name):
                names.set(name, Val())
        for name, value in keywords.items():
            names.set(name, value)
        if isinstance(function.node, ast.Lambda):
            return self.value(function.node.body, names)
        before, self._returned = self._returned, []
        self.block(function.node.body, names)
        result = mixed_keeping(self._returned)
        self._returned = before
        return result


def mixed_keeping(values: list[Val]) -> Val:
    """One value as it is, several mixed."""
    if len(values) == 1:
        return values[0]
    return mixed(*values)


def _loaded(name: str) -> Val:
    module = sys.modules.get(name)
    return Val(live=module) if module is not None else Val()


def _body_of(tree: ast.Module, frame: FrameType) -> Block:
    code = frame.f_code
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if first == code.co_firstlineno:
                return node.body
    return []


def _path_to(block: Block, line: int) -> list[tuple[Block, int]] | None:
    """The statements that enclose a line, from outside in."""
    for index, statement in enumerate(block):
        if not statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            continue
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            return [(block, index)]
        blocks = [getattr(statement, name, []) for name in FIELDS]
        blocks += [handler.body for handler in getattr(statement, "handlers", [])]
        for inner in blocks:
            deeper = _path_to(inner, line) if inner and isinstance(inner, list) else None
            if deeper is not None:
                return [(block, index), *deeper]
        return [(block, index)]
    return None
