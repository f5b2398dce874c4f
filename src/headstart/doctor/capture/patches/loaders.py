"""Watches functions that bring data in: folder loaders, image readers, encoders, splits."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from headstart.doctor.capture import patching
from headstart.doctor.capture.trace import current

MODULE = "keras"

LOADERS = ("image_dataset_from_directory", "text_dataset_from_directory", "timeseries_dataset_from_array")
HELPERS = ("to_categorical", "load_img", "img_to_array", "normalize", "split_dataset")


def install(module: ModuleType) -> None:
    """Patches the loaders of `keras.utils`."""
    for name in LOADERS:
        original = getattr(module.utils, name, None)
        if original is not None:
            patching.wrap_function(original, watch("dataset"), "keras")
    for name in HELPERS:
        original = getattr(module.utils, name, None)
        if original is not None:
            patching.wrap_function(original, watch("helper"), "keras")


def watch(kind: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A wrapper that takes down calls of a function under `kind`, with its result."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def function(*args: Any, **kwargs: Any) -> Any:
            trace = current()
            if trace is None:
                return original(*args, **kwargs)
            places = trace.files.stack(2)
            with trace.paused():
                result = original(*args, **kwargs)
            event = trace.add(
                kind,
                original.__name__,
                arguments=patching.bound(original, args, kwargs),
                given=patching.given(original, args, kwargs),
                result=result,
                makes=result,
                places=places,
            )
            if event is not None and isinstance(result, tuple | list):
                for part in result:
                    trace.made[id(part)] = event
            return result

        return function

    return make
