"""How a patch wraps a function or a method, and what every patch may use."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import Any

MARK = "__headstart_wraps__"


def wrapped(target: Callable[..., Any]) -> Callable[..., Any] | None:
    """What a wrapper of ours goes round, or None for anything else."""
    inner = getattr(target, MARK, None)
    return inner if callable(inner) else None


def wrap_attribute(owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Replaces `owner.name` by `make(original)`, once.

    A class that only inherits the attribute gets one of its own.
    """
    original = getattr(owner, name, None)
    if original is None or (name in vars(owner) and wrapped(original) is not None):
        return
    wrapper = make(original)
    functools.update_wrapper(wrapper, original)
    setattr(wrapper, MARK, original)
    setattr(owner, name, wrapper)


def wrap_function(
    original: Callable[..., Any], make: Callable[[Callable[..., Any]], Callable[..., Any]], package: str
) -> None:
    """Replaces a function wherever a loaded module of `package` holds it by any name, once."""
    if wrapped(original) is not None:
        return
    wrapper = make(original)
    functools.update_wrapper(wrapper, original)
    setattr(wrapper, MARK, original)
    prefix = package + "."
    for module_name, module in list(sys.modules.items()):
        if module_name != package and not module_name.startswith(prefix):
            continue
        for name, value in list(vars(module).items()):
            if value is original:
                setattr(module, name, wrapper)


def bound(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments by name with defaults filled in; as far as that goes where they do not fit."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return dict(kwargs)
    try:
        found = signature.bind_partial(*args, **kwargs)
    except TypeError:
        names = [n for n, p in signature.parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
        return {**dict(zip(names, args, strict=False)), **kwargs}
    found.apply_defaults()
    named: dict[str, Any] = {}
    for name, value in found.arguments.items():
        if signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
            named.update(value)
        else:
            named[name] = value
    return named


def given(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> frozenset[str]:
    """The names of the arguments that the caller passed."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return frozenset(names[: len(args)]) | frozenset(kwargs)
