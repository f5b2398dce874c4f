"""Watches `headstart.fit`, which trains the same model by another road."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from headstart.doctor.capture import patching
from headstart.doctor.capture.patches.models import nested
from headstart.doctor.capture.trace import current

MODULE = "headstart.frozen.fit"


def install(module: ModuleType) -> None:
    """Patches the function wherever headstart holds it."""
    patching.wrap_function(module.fit, _fit, "headstart")


def _fit(original: Callable[..., Any]) -> Callable[..., Any]:
    def fit(*args: Any, **kwargs: Any) -> Any:
        trace = current()
        if trace is None:
            return original(*args, **kwargs)
        arguments = patching.bound(original, args, kwargs)
        model = arguments.pop("model", None)
        event = trace.add(
            "fit",
            "headstart.fit",
            arguments=arguments,
            given=patching.given(original, args, kwargs) - {"model"},
            subject=model,
        )
        changed = trace.on_fit(trace, event) if event is not None and trace.on_fit is not None else None
        if changed:
            args, kwargs = (), {"model": model, **arguments, **changed}
        with nested():
            result = original(*args, **kwargs)
        trace.add("fit-end", "headstart.fit", subject=model, result=result)
        return result

    return fit
