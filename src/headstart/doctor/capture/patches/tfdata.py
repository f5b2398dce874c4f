"""Watches the steps of a `tf.data` pipeline, one event a step."""

from __future__ import annotations

import contextlib
import itertools
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from headstart.doctor.capture import patching
from headstart.doctor.capture.trace import current

MODULE = "tensorflow"

_peeking = False

STEPS = (
    "map",
    "batch",
    "padded_batch",
    "shuffle",
    "cache",
    "prefetch",
    "repeat",
    "take",
    "skip",
    "filter",
    "interleave",
    "concatenate",
    "unbatch",
    "enumerate",
)
SOURCES = ("from_tensor_slices", "from_tensors", "from_generator", "list_files", "zip")


def install(module: ModuleType) -> None:
    """Patches `tf.data.Dataset`."""
    dataset = module.data.Dataset
    for name in STEPS:
        for cls in _with_own(dataset, name):
            patching.wrap_attribute(cls, name, _step)
    for name in SOURCES:
        original = getattr(dataset, name)
        if patching.wrapped(original) is None:
            wrapper = _source(original)
            setattr(wrapper, patching.MARK, original)
            wrapper.__name__ = name
            setattr(dataset, name, staticmethod(wrapper))


def _with_own(base: type, name: str) -> list[type]:
    """Classes that define the step themselves: TensorFlow has an older and a newer kind of data set."""
    return [cls for cls in [base, *base.__subclasses__()] if name in vars(cls)]


def _step(original: Callable[..., Any]) -> Callable[..., Any]:
    def step(self: Any, *args: Any, **kwargs: Any) -> Any:
        trace = current()
        if trace is None or trace.files.named(sys._getframe(1).f_code.co_filename) is None:
            return original(self, *args, **kwargs)
        call = original.__get__(self)
        places = trace.files.stack(2)
        result = original(self, *args, **kwargs)
        trace.add(
            "dataset",
            original.__name__,
            arguments=patching.bound(call, args, kwargs),
            given=patching.given(call, args, kwargs),
            subject=self,
            result=result,
            makes=result,
            places=places,
        )
        return result

    return step


def _source(original: Callable[..., Any]) -> Callable[..., Any]:
    def source(*args: Any, **kwargs: Any) -> Any:
        trace = current()
        if trace is None or trace.files.named(sys._getframe(1).f_code.co_filename) is None:
            return original(*args, **kwargs)
        places = trace.files.stack(2)
        if original.__name__ == "from_generator" and args and callable(args[0]):
            args = (_Replayed(args[0]), *args[1:])
        result = original(*args, **kwargs)
        trace.add(
            "dataset",
            original.__name__,
            arguments=patching.bound(original, args, kwargs),
            given=patching.given(original, args, kwargs),
            result=result,
            makes=result,
            places=places,
        )
        return result

    return source


@contextlib.contextmanager
def peeking() -> Iterator[None]:
    """While the doctor looks at a pipeline, what it takes from a Python iterator is kept for later."""
    global _peeking
    _peeking = True
    try:
        yield
    finally:
        _peeking = False


class _Replayed:
    """A callable for `from_generator` that gives again what was drawn while the doctor looked.

    A function that makes a new generator each time needs no help; one that hands out the same iterator
    again and again would otherwise have lost rows.
    """

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make
        self._drawn: dict[int, tuple[Any, list[Any]]] = {}

    def __call__(self, *args: Any) -> Iterator[Any]:
        made = self._make(*args)
        iterator: Iterator[Any] = iter(made)
        if iterator is not made:
            return iterator
        kept = self._drawn.setdefault(id(made), (made, []))[1]
        if _peeking:
            return self._keeping(iterator, kept)
        again = list(kept)
        kept.clear()
        return itertools.chain(again, iterator)

    @staticmethod
    def _keeping(iterator: Iterator[Any], kept: list[Any]) -> Iterator[Any]:
        for item in iterator:
            kept.append(item)
            yield item
