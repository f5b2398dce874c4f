"""Watches what puts rows into another order, and takes down which order it was.

The order is found by drawing it once more from the same state of the random generator, which is put back:
the script's own numbers stay as they are.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from headstart.doctor.capture import patching
from headstart.doctor.capture.trace import Trace, current

MODULE = "numpy"

MOST_ROWS = 5_000_000
"""Rows above which no order is kept."""
MOST_ORDERS = 64
"""Orders after which no more are kept: a loop may draw one a batch."""

Function = Callable[..., Any]
Get = Callable[[], Any]
Put = Callable[[Any], None]


def install(module: ModuleType) -> None:
    """Patches `numpy.random`, generators made from now on, `numpy.sort` and `random.shuffle`."""
    numbers = module.random
    get, put = numbers.get_state, numbers.set_state
    patching.wrap_attribute(numbers, "shuffle", lambda original: _function(_shuffled, original, get, put))
    patching.wrap_attribute(numbers, "permutation", lambda original: _function(_permuted, original, get, put))
    patching.wrap_attribute(numbers, "default_rng", _maker)
    patching.wrap_attribute(module, "sort", _sort)
    patching.wrap_attribute(
        random,
        "shuffle",
        lambda original: _function(_shuffled, original, random.getstate, random.setstate),
    )


def _asked(depth: int) -> Trace | None:
    """The trace, where the user's own code called and there is room for another order."""
    trace = current()
    if trace is None or trace.files.named(sys._getframe(depth).f_code.co_filename) is None:
        return None
    return trace if trace.facts.get("orders", 0) < MOST_ORDERS else None


def note(trace: Trace, name: str, order: Any) -> None:
    """Takes an order down: row i of what came out was row `order[i]` of what went in."""
    trace.facts["orders"] = trace.facts.get("orders", 0) + 1
    trace.add("order", name, arguments={"order": np.array(order, dtype=np.int64)})


def rows_in(value: Any) -> int:
    """Rows of anything that has some."""
    try:
        return 0 if isinstance(value, str | bytes) else len(value)
    except TypeError:
        return 0


def _function(how: Function, original: Function, get: Get, put: Put) -> Function:
    def function(x: Any, *args: Any, **kwargs: Any) -> Any:
        trace = _asked(2)
        if trace is None or args or kwargs:
            return original(x, *args, **kwargs)
        return how(trace, original, get, put, x)

    return function


def _shuffled(trace: Trace, original: Callable[..., Any], get: Get, put: Put, x: Any) -> Any:
    """Changes the order in place."""
    if not 1 < rows_in(x) <= MOST_ROWS:
        return original(x)
    before = get()
    order: Any = list(range(len(x))) if get is random.getstate else np.arange(len(x))
    original(order)
    put(before)
    kept = _some(x, order)
    result = original(x)
    if _agree(kept, _some(x, range(len(x)))):
        note(trace, "shuffle", order)
    return result


def _permuted(trace: Trace, original: Callable[..., Any], get: Get, put: Put, x: Any) -> Any:
    """Gives the rows in another order, or an order."""
    number = isinstance(x, int | np.integer)
    rows = int(x) if number else rows_in(x)
    if not 1 < rows <= MOST_ROWS:
        return original(x)
    before = get()
    result = original(x)
    order: Any = result
    if not number:
        after = get()
        put(before)
        order = original(rows)
        put(after)
    if number or _agree(_some(x, order), _some(result, range(rows))):
        note(trace, "permutation", order)
    return result


def _some(rows: Any, order: Any) -> list[Any]:
    """Copies of the first few rows of an order."""
    try:
        return [np.array(rows[int(i)]) for i in order[:16]]
    except (KeyError, IndexError, TypeError, ValueError):
        return []


def _agree(one: list[Any], other: list[Any]) -> bool:
    return bool(one) and len(one) == len(other) and all(map(_same, one, other))


def _same(a: Any, b: Any) -> bool:
    if a.shape != b.shape:
        return False
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == b.dtype.kind == "f"))


def _sort(original: Callable[..., Any]) -> Callable[..., Any]:
    def sort(a: Any, *args: Any, **kwargs: Any) -> Any:
        trace = _asked(2)
        result = original(a, *args, **kwargs)
        if trace is not None and np.ndim(a) == 1 and 1 < len(result) <= MOST_ROWS:
            note(trace, "sort", np.argsort(np.asarray(a), kind="stable"))
        return result

    return sort


def _maker(original: Callable[..., Any]) -> Callable[..., Any]:
    def default_rng(seed: Any = None) -> Any:
        made = original(seed)
        if _asked(2) is None or type(made) is not np.random.Generator or made is seed:
            return made
        return Generator(made.bit_generator)

    return default_rng


class Generator(np.random.Generator):
    """NumPy's generator, whose shuffles are taken down; copies and pickles of it are NumPy's own."""

    def shuffle(self, x: Any, axis: int = 0) -> None:
        """As NumPy's."""
        trace = _asked(2)
        if trace is None or axis != 0:
            super().shuffle(x, axis)
        else:
            _shuffled(trace, super().shuffle, self._state, self._restate, x)

    def permutation(self, x: Any, axis: int = 0) -> Any:
        """As NumPy's."""
        trace = _asked(2)
        if trace is None or axis != 0:
            return super().permutation(x, axis)
        return _permuted(trace, super().permutation, self._state, self._restate, x)

    def _state(self) -> Any:
        return self.bit_generator.state

    def _restate(self, state: Any) -> None:
        self.bit_generator.state = state
