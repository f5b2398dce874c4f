"""Watches objects that stand between a script and its training: optimizers, losses, metrics, callbacks."""

from __future__ import annotations

import functools
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
            if kind == "optimizer":
                kwargs = _old_arguments(self, kwargs)
            original(self, *args, **kwargs)
        finally:
            open_.discard(id(self))

    return init


def _old_arguments(optimizer: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Reads `lr` and `decay` as they were meant before Keras 3."""
    trace = current()
    kept = dict(kwargs)
    for name in ("lr", "decay"):
        if trace is not None and name in kept:
            trace.add(
                "removed-argument",
                name,
                arguments={"method": type(optimizer).__name__, "value": kept[name], "all": dict(kwargs)},
                subject=optimizer,
            )
    if "lr" in kept:
        kept["learning_rate"] = kept.pop("lr")
    decay = kept.pop("decay", 0)
    if decay and trace is not None:
        import keras

        with trace.paused():
            rate = kept.get("learning_rate", 0.01 if type(optimizer).__name__ == "SGD" else 0.001)
            if isinstance(rate, int | float):
                kept["learning_rate"] = keras.optimizers.schedules.InverseTimeDecay(rate, 1, decay)
    return kept
