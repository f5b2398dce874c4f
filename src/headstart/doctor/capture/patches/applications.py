"""Watches backbones of `keras.applications` being built, and their preprocessing being called."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from headstart.doctor.capture import patching
from headstart.doctor.capture.trace import Trace, current

MODULE = "keras"


def install(module: ModuleType) -> None:  # noqa: ARG001 - the real homes are under keras.src
    """Patches each constructor and each `preprocess_input` wherever Keras holds them."""
    package = importlib.import_module("keras.src.applications")
    for found in pkgutil.iter_modules(package.__path__):
        if found.name.endswith("_test") or found.name == "imagenet_utils":
            continue
        family = importlib.import_module(f"keras.src.applications.{found.name}")
        for name, value in list(vars(family).items()):
            if not inspect.isfunction(value) or value.__module__ != family.__name__:
                continue
            if name == "preprocess_input":
                patching.wrap_function(value, _preprocess(found.name), "keras")
            elif name[0].isupper() and "weights" in inspect.signature(value).parameters:
                patching.wrap_function(value, _constructor(found.name), "keras")


def _constructor(family: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def build(*args: Any, **kwargs: Any) -> Any:
            trace = current()
            if trace is None or trace.facts.get("building"):
                return original(*args, **kwargs)
            arguments = patching.bound(original, args, kwargs)
            places = trace.files.stack(2)
            trace.facts["building"] = True
            try:
                stand_in = False
                try:
                    model = original(*args, **kwargs)
                except Exception as error:
                    if arguments.get("weights") != "imagenet" or "URL fetch failure" not in str(error):
                        raise
                    model, stand_in = _without_weights(original, arguments), True
                    trace.facts.setdefault("stand-ins", []).append((model, str(error)))
            finally:
                trace.facts["building"] = False
            event = trace.add(
                "application",
                original.__name__,
                arguments={**arguments, "family": family, "stand_in": stand_in},
                given=patching.given(original, args, kwargs),
                result=model,
                places=places,
            )
            if event is not None:
                trace.made[id(model)] = event
            return model

        return build

    return make


def _without_weights(original: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """The same net with random weights, where the right ones cannot be fetched."""
    return original(**{**arguments, "weights": None})


def _preprocess(family: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def preprocess_input(x: Any, *args: Any, **kwargs: Any) -> Any:
            trace = current()
            if trace is not None:
                _record(trace, family, x)
            return original(x, *args, **kwargs)

        return preprocess_input

    return make


def _record(trace: Trace, family: str, x: Any) -> None:
    counts: dict[str, int] = trace.facts.setdefault("preprocess-counts", {})
    counts[family] = counts.get(family, 0) + 1
    if counts[family] > 1000:
        return
    arguments: dict[str, Any] = {"family": family, "type": type(x).__name__}
    if isinstance(x, np.ndarray) and x.size:
        sample = x.reshape(-1)[:: max(1, x.size // 10_000)]
        arguments.update(low=float(sample.min()), high=float(sample.max()), dtype=str(x.dtype), array=id(x))
    trace.add("preprocess", family, arguments=arguments, subject=x if isinstance(x, np.ndarray) else None)
