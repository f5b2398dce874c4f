"""Watches `sample` of pandas, which puts the rows of a table into another order."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from headstart.doctor.capture import patching
from headstart.doctor.capture.patches import orders
from headstart.doctor.capture.trace import current

MODULE = "pandas"


def install(module: ModuleType) -> None:
    """Patches tables and columns."""
    for kind in (module.DataFrame, module.Series):
        patching.wrap_attribute(kind, "sample", _sample)


def _sample(original: Callable[..., Any]) -> Callable[..., Any]:
    def sample(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        trace = current()
        if trace is None or not 1 < len(result) <= orders.MOST_ROWS or len(result) != len(self):
            return result
        if trace.files.stack(2) and self.index.is_unique:
            orders.note(trace, "sample", self.index.get_indexer(result.index))
        return result

    return sample
