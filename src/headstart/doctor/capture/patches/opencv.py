"""Watches OpenCV read pictures and turn their colours round."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from headstart.doctor.capture import patching
from headstart.doctor.capture.trace import current

MODULE = "cv2"

MOST = 64
"""Pictures that are kept; of the rest, only that they were read."""


def install(module: ModuleType) -> None:
    """Patches the readers and `cvtColor`."""
    for name in ("imread", "imdecode", "cvtColor"):
        if hasattr(module, name):
            patching.wrap_attribute(module, name, _watch(name))


def _watch(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def function(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            trace = current()
            if trace is not None:
                counts: dict[str, int] = trace.facts.setdefault("opencv-counts", {})
                counts[name] = counts.get(name, 0) + 1
                if counts[name] <= MOST:
                    # A copy: scripts often change a picture where it lies.
                    kept = result.copy() if hasattr(result, "copy") else None
                    trace.add("opencv", name, arguments={"args": args[1:]}, result=kept)
            return result

        return function

    return make
