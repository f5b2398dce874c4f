"""Arguments and methods that Keras 3 took away: taken down, and translated into what they meant."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from headstart.doctor.capture.trace import Trace, current

MODULE = "keras"

WORKERS = ("workers", "use_multiprocessing", "max_queue_size")
"""Arguments of fit, evaluate and predict that belong to `PyDataset` now."""

OLD_METHODS = {
    "fit_generator": (
        "fit",
        {"generator": "x", "samples_per_epoch": "steps_per_epoch", "nb_epoch": "epochs"},
    ),
    "evaluate_generator": ("evaluate", {"generator": "x"}),
    "predict_generator": ("predict", {"generator": "x"}),
}


def install(module: ModuleType) -> None:
    """Does nothing by itself: `models` calls `translate` and `add_old_methods`."""


def translate(
    trace: Trace, model: Any, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """Takes out what the method does not take any more, and does what it meant.

    Each leaves an event of kind "removed-argument" named after the argument, with its value.
    """
    kept = dict(kwargs)
    for name in [*WORKERS, "nb_epoch", "save_format"]:
        if name not in kept or _accepts(model, method, name):
            continue
        value = kept.pop(name)
        trace.add(
            "removed-argument",
            name,
            arguments={"method": method, "value": value, "all": dict(kwargs), "args": args},
            subject=model,
        )
        if name == "nb_epoch":
            kept.setdefault("epochs", value)
        elif name in WORKERS:
            data = args[0] if args else kept.get("x")
            if hasattr(data, "__getitem__") and hasattr(data, name) and hasattr(data, "on_epoch_end"):
                setattr(data, name, value)
    return kept


def _accepts(model: Any, method: str, name: str) -> bool:
    """Whether the user's own subclass takes the argument in a method of its own."""
    import inspect

    own = getattr(type(model), method)
    inner = getattr(own, "__headstart_wraps__", own)
    try:
        return name in inspect.signature(inner).parameters
    except (TypeError, ValueError):
        return False


def add_old_methods(model: Any) -> None:
    """Gives `Model` the methods that it lost; each leaves an event "removed-method" and goes on."""
    for old, (new, names) in OLD_METHODS.items():
        if not hasattr(model, old):
            setattr(model, old, _forward(old, new, names))
    for old in ("predict_classes", "predict_proba"):
        if not hasattr(model, old):
            setattr(model, old, _answer(old))


def _missing(self: Any, name: str) -> AttributeError:
    return AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")


def _forward(old: str, new: str, names: dict[str, str]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        trace = current()
        if trace is None:
            raise _missing(self, old)
        trace.add("removed-method", old, arguments={"new": new, **kwargs}, subject=self)
        return getattr(self, new)(*args, **{names.get(name, name): value for name, value in kwargs.items()})

    method.__name__ = old
    return method


def _answer(old: str) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        trace = current()
        if trace is None:
            raise _missing(self, old)
        trace.add("removed-method", old, arguments={"new": "predict", **kwargs}, subject=self)
        answers = self.predict(*args, **kwargs)
        if old == "predict_proba":
            return answers
        return (answers > 0.5).astype("int32") if answers.shape[-1] == 1 else answers.argmax(axis=-1)

    method.__name__ = old
    return method
