"""Watches objects that stand between a script and its training: optimizers, losses, metrics, callbacks."""

from __future__ import annotations

import functools
import os
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any

from headstart.doctor.capture import patching
from headstart.doctor.capture.trace import current

MODULE = "keras"

_making = threading.local()


def install(module: ModuleType) -> None:
    """Patches the `__init__` of optimizers, losses, metrics, callbacks, schedules and generators."""
    import keras.src.legacy.preprocessing.image as legacy

    watched: list[tuple[str, type]] = [
        ("optimizer", module.optimizers.Optimizer),
        ("loss", module.losses.Loss),
        ("metric", module.metrics.Metric),
        ("callback", module.callbacks.Callback),
        ("schedule", module.optimizers.schedules.LearningRateSchedule),
        ("pydataset", module.utils.PyDataset),
        ("initializer", module.initializers.Initializer),
        ("regularizer", module.regularizers.Regularizer),
        ("image-generator", legacy.ImageDataGenerator),
        ("image-flow", legacy.Iterator),
    ]
    for kind, base in watched:
        for cls in _family(base):
            if "__init__" in vars(cls):
                patching.wrap_attribute(cls, "__init__", functools.partial(_init, kind))


def _family(base: type[Any]) -> list[type[Any]]:
    found: list[type[Any]] = [base]
    for cls in base.__subclasses__():
        found.extend(_family(cls))
    return found


def _init(kind: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        trace = current()
        open_ = getattr(_making, "value", None)
        if open_ is None:
            open_ = _making.value = set()
        if trace is None or id(self) in open_:
            original(self, *args, **kwargs)
            return
        open_.add(id(self))
        try:
            call = original.__get__(self)
            caller = sys._getframe(1)
            # A user's own subclass calls up to here from its `__init__`: the place is then the line
            # that made the object, not that one.
            direct = trace.files.named(caller.f_code.co_filename) is not None
            trace.add(
                kind if direct else f"inner-{kind}",
                type(self).__name__,
                arguments=patching.bound(call, args, kwargs),
                given=patching.given(call, args, kwargs),
                makes=self,
                result=self,
            )
            kwargs = _old_arguments(kind, self, kwargs)
            args = _old_path(self, args, kwargs)
            original(self, *args, **kwargs)
        finally:
            open_.discard(id(self))

    return init


def _old_arguments(kind: str, made: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Reads arguments as they were meant before Keras 3; each leaves an event "removed-argument"."""
    kept = dict(kwargs)
    dropped = DROPPED.get(kind, {}).get(type(made).__name__, ())
    names = [
        *(RENAMED if kind == "optimizer" else ()),
        *(("decay",) if kind == "optimizer" else ()),
        *dropped,
    ]
    trace = current()
    for name in names:
        if trace is None or name not in kept or _takes(made, name):
            continue
        trace.add(
            "removed-argument",
            name,
            arguments={"method": type(made).__name__, "value": kept[name], "all": dict(kwargs)},
            subject=made,
        )
        # Keras 3 itself warns about `decay` and goes on without it.
        if name in RENAMED:
            kept.setdefault(RENAMED[name], kept.pop(name))
        elif name in dropped:
            kept.pop(name)
    return kept


RENAMED = {"lr": "learning_rate"}

DROPPED = {
    "callback": {
        "ModelCheckpoint": ("period", "load_weights_on_restart"),
        "TensorBoard": ("write_grads", "batch_size", "embeddings_layer_names", "embeddings_data"),
    }
}
"""By kind and class, what Keras 3 refuses and can do without."""


def _takes(made: Any, name: str) -> bool:
    """Whether the user's own subclass takes the argument in its `__init__`."""
    import inspect

    if type(made).__module__.startswith("keras."):
        return False
    try:
        return name in inspect.signature(type(made).__init__).parameters
    except (TypeError, ValueError):
        return False


def _old_path(made: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Gives a `ModelCheckpoint` the ending that Keras 3 wants, and notes the one that it was given."""
    trace = current()
    if type(made).__name__ != "ModelCheckpoint" or trace is None or not (args or "filepath" in kwargs):
        return args
    path = args[0] if args else kwargs["filepath"]
    weights = bool(kwargs.get("save_weights_only", args[4] if len(args) > 4 else False))
    wanted = (".weights.h5",) if weights else (".keras", ".h5")
    try:
        text = str(os.fspath(path))
    except TypeError:
        return args
    if text.endswith(wanted):
        return args
    right = with_ending(text, weights)
    trace.add(
        "removed-argument",
        "filepath",
        arguments={"method": "ModelCheckpoint", "value": text, "new": right, "weights": weights},
        subject=made,
    )
    if args:
        return (right, *args[1:])
    kwargs["filepath"] = right
    return args


def with_ending(path: str, weights: bool) -> str:
    """The path with the ending that Keras 3 asks for, in place of an old one."""
    for ending in (".weights.h5", ".weights.hdf5", ".hdf5", ".h5", ".keras", ".ckpt", ".tf"):
        if path.endswith(ending):
            path = path[: -len(ending)]
            break
    return path + (".weights.h5" if weights else ".keras")
