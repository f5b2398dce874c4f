"""Watches what is done with a model: compile, fit, evaluate, predict, save and load."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from headstart.doctor.capture import patching
from headstart.doctor.capture.patches import removed
from headstart.doctor.capture.trace import current

MODULE = "keras"

PLAIN = (
    "evaluate",
    "predict",
    "save",
    "save_weights",
    "load_weights",
    "export",
    "test_on_batch",
    "predict_on_batch",
)
"""Methods that are only taken down."""

_inside = threading.local()


def install(module: ModuleType) -> None:
    """Patches `Model` of Keras 3, whose kinds all inherit from it."""
    model = module.Model
    # Where it is defined and not on Model: Keras takes a compile of Model's own for a user's override, and
    # then does not restore the compile settings of a loaded model.
    owner = next(one for one in model.__mro__ if "compile" in vars(one))
    patching.wrap_attribute(owner, "compile", _compile)
    patching.wrap_attribute(model, "fit", _training("fit"))
    patching.wrap_attribute(model, "train_on_batch", _training("train_on_batch"))
    for name in PLAIN:
        patching.wrap_attribute(model, name, _plain(name))
    removed.add_old_methods(model)


@contextlib.contextmanager
def nested() -> Iterator[None]:
    """While one method runs, those that it calls in turn are Keras's own business."""
    before = getattr(_inside, "value", False)
    _inside.value = True
    try:
        yield
    finally:
        _inside.value = before


def _plain(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            trace = current()
            if trace is None or getattr(_inside, "value", False):
                return original(self, *args, **kwargs)
            kwargs = removed.translate(trace, self, name, args, kwargs)
            call = original.__get__(self)
            places = trace.files.stack(2)
            set_: set[int] = set()
            with nested(), _assigned(set_) if name == "load_weights" else contextlib.nullcontext():
                result = original(self, *args, **kwargs)
            arguments = patching.bound(call, args, kwargs)
            if name == "load_weights":
                arguments["set"] = frozenset(set_)
            trace.add(
                name.replace("_", "-"),
                type(self).__name__,
                arguments=arguments,
                given=patching.given(call, args, kwargs),
                subject=self,
                result=result,
                places=places,
                makes=result if name == "predict" else None,
            )
            return result

        return method

    return make


@contextlib.contextmanager
def _assigned(ids: set[int]) -> Iterator[None]:
    """While it is open, the ids of the variables that are given a value are gathered."""
    import keras

    owner = next(one for one in keras.Variable.__mro__ if "assign" in vars(one))
    original = owner.assign

    def assign(self: Any, value: Any) -> Any:
        result = original(self, value)
        ids.add(id(self))
        return result

    owner.assign = assign
    try:
        yield
    finally:
        owner.assign = original


def _compile(original: Callable[..., Any]) -> Callable[..., Any]:
    def compile(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: A001 - the method's own name
        trace = current()
        if trace is None or getattr(_inside, "value", False):
            return original(self, *args, **kwargs)
        call = original.__get__(self)
        event = trace.add(
            "compile",
            type(self).__name__,
            arguments=patching.bound(call, args, kwargs),
            given=patching.given(call, args, kwargs),
            subject=self,
            result=tuple(id(variable) for variable in self.trainable_variables),
        )
        if event is not None:
            # What `fit` is compiled for; a model that is not built yet has layers but no variables.
            flags = {id(layer): bool(layer.trainable) for layer in self._flatten_layers()}
            trace.facts.setdefault("compiled-flags", {})[event.order] = flags
        return original(self, *args, **kwargs)

    return compile


def _training(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            trace = current()
            if trace is None or getattr(_inside, "value", False):
                return original(self, *args, **kwargs)
            kwargs = removed.translate(trace, self, name, args, kwargs)
            call = original.__get__(self)
            event = trace.add(
                name.replace("_", "-"),
                type(self).__name__,
                arguments=patching.bound(call, args, kwargs),
                given=patching.given(call, args, kwargs),
                subject=self,
            )
            if event is not None and trace.on_fit is not None:
                changed = trace.on_fit(trace, event)
                if changed:
                    args, kwargs = _with(call, args, kwargs, changed)
            with nested():
                result = original(self, *args, **kwargs)
            if name == "fit":
                trace.add("fit-end", type(self).__name__, subject=self, result=result)
            return result

        return method

    return make


def _with(
    call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], changed: Any
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The same call with some arguments exchanged, by position where they came by position."""
    import inspect

    names = list(inspect.signature(call).parameters)
    positional = list(args)
    named = dict(kwargs)
    for name, value in changed.items():
        if name in names[: len(positional)]:
            positional[names.index(name)] = value
        else:
            named[name] = value
    return tuple(positional), named
