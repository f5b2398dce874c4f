"""Watches layers and models being made, called, and frozen or freed."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any

from headstart.doctor.capture import patching
from headstart.doctor.capture.trace import Trace, current

MODULE = "keras"

_depth = threading.local()


def install(module: ModuleType) -> None:
    """Patches `Layer` of Keras 3."""
    layer = module.layers.Layer
    _watch_making(layer)
    patching.wrap_attribute(layer, "__call__", _call)
    _watch_trainable(layer)


def _watch_making(layer: type) -> None:
    original: Callable[..., Any] = layer.__new__
    if patching.wrapped(original) is not None:
        return

    @functools.wraps(original)
    def new(cls: type, *args: Any, **kwargs: Any) -> Any:
        made = original(cls, *args, **kwargs)
        trace = current()
        if trace is not None:
            caller = _maker(sys._getframe(1))
            direct = caller is not None and trace.files.named(caller.f_code.co_filename) is not None
            init = functools.partial(cls.__init__, None)  # type: ignore[misc]
            trace.add(
                "layer" if direct else "inner-layer",
                cls.__name__,
                arguments=patching.bound(init, args, kwargs) if direct else {},
                given=patching.given(init, args, kwargs) if direct else frozenset(),
                makes=made,
                result=made,
            )
        return made

    setattr(new, patching.MARK, original)
    layer.__new__ = new  # type: ignore[method-assign,assignment]


def _maker(frame: FrameType | None) -> FrameType | None:
    """The frame that called the class, past the `__new__` of `Model` and its kin."""
    while frame is not None and frame.f_code.co_name in ("__new__", "new"):
        frame = frame.f_back
    return frame


def _call(original: Callable[..., Any]) -> Callable[..., Any]:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        trace = current()
        if trace is None:
            return original(self, *args, **kwargs)
        frame = _caller(sys._getframe(1), trace)
        if trace.files.named(frame.f_code.co_filename) is None:
            return original(self, *args, **kwargs)
        seen: set[tuple[int, int, int]] = trace.facts.setdefault("calls-seen", set())
        key = (id(self), id(frame.f_code), frame.f_lasti)
        result = original(self, *args, **kwargs)
        if key not in seen:
            seen.add(key)
            # Only symbolic tensors are kept: eager ones may be large.
            symbolic = type(result).__name__ == "KerasTensor"
            trace.add(
                "call",
                type(self).__name__,
                arguments={**kwargs, "inputs": args[0] if symbolic and args else None},
                given=frozenset(kwargs),
                subject=self,
                result=result if symbolic else None,
                makes=result if symbolic else None,
            )
        return result

    return call


def _caller(frame: FrameType, trace: Trace) -> FrameType:
    """The frame of the call, past the `__call__` of Keras's layers that have one of their own."""
    while frame.f_code.co_name == "__call__" and frame.f_back is not None:
        if trace.files.named(frame.f_code.co_filename) is not None:
            break
        frame = frame.f_back
    return frame


def _watch_trainable(layer: Any) -> None:
    original = layer.__dict__["trainable"]
    if getattr(original.fset, patching.MARK, None) is not None:
        return

    def set_trainable(self: Any, value: Any) -> None:
        depth = getattr(_depth, "value", 0)
        _depth.reached = True
        if depth == 0:
            _record(self, value)
        _depth.value = depth + 1
        try:
            original.fset(self, value)
        finally:
            _depth.value = depth

    setattr(set_trainable, patching.MARK, original.fset)
    layer.trainable = property(original.fget, set_trainable, original.fdel, original.__doc__)
    patching.wrap_attribute(layer, "__setattr__", _set)


def _set(original: Callable[..., Any]) -> Callable[..., Any]:
    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807 - it stands for that method
        if name != "trainable":
            original(self, name, value)
            return
        _depth.reached = False
        original(self, name, value)
        # TensorFlow's own part of it drops an assignment of what the flag already is: the layers below,
        # whatever their flags, are then not reached.
        if not _depth.reached and getattr(_depth, "value", 0) == 0:
            _record(self, value)

    return __setattr__


def _record(layer: Any, value: Any) -> None:
    trace = current()
    if trace is None:
        return
    caller = _setter(sys._getframe(2))
    if caller is None or trace.files.named(caller.f_code.co_filename) is None:
        return
    trace.add(
        "trainable",
        type(layer).__name__,
        arguments={"value": bool(value)},
        subject=layer,
        places=trace.files.stack(3),
    )


def _setter(frame: FrameType | None) -> FrameType | None:
    """The frame of the assignment, past the `__setattr__` of Keras."""
    while frame is not None and frame.f_code.co_name in ("__setattr__", "set_trainable"):
        frame = frame.f_back
    return frame
