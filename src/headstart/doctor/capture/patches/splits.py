"""Watches scikit-learn's `train_test_split` and `shuffle`, and which rows they took."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from headstart.doctor.capture import patching
from headstart.doctor.capture.patches import orders
from headstart.doctor.capture.trace import current

MODULE = "sklearn.model_selection"


def install(module: ModuleType) -> None:
    """Patches the functions wherever scikit-learn holds them."""
    import sklearn.utils

    patching.wrap_function(module.train_test_split, _split, "sklearn")
    patching.wrap_function(sklearn.utils.shuffle, _shuffle, "sklearn")


def _rows(original: Callable[..., Any], arrays: tuple[Any, ...], kwargs: dict[str, Any], state: Any) -> Any:
    """What the same call does to row numbers, leaving NumPy's shared generator as it is; None if unknown."""
    rows = orders.rows_in(arrays[0]) if arrays else 0
    seed = kwargs.get("random_state")
    if not 1 < rows <= orders.MOST_ROWS or not (seed is None or isinstance(seed, int | np.integer)):
        return None
    after = np.random.get_state()  # noqa: NPY002 - scikit-learn draws from it
    np.random.set_state(state)  # noqa: NPY002
    try:
        return original(np.arange(rows), **kwargs)
    except (TypeError, ValueError):
        return None
    finally:
        np.random.set_state(after)  # noqa: NPY002


def _split(original: Callable[..., Any]) -> Callable[..., Any]:
    def train_test_split(*arrays: Any, **kwargs: Any) -> Any:
        trace = current()
        if trace is None:
            return original(*arrays, **kwargs)
        places = trace.files.stack(2)
        before = np.random.get_state()  # noqa: NPY002
        with trace.paused():
            result = original(*arrays, **kwargs)
            rows = _rows(original, arrays, kwargs, before)
        event = trace.add(
            "split",
            "train_test_split",
            arguments={**patching.bound(original, arrays, kwargs), "rows": rows},
            given=patching.given(original, arrays, kwargs),
            result=result,
            makes=result,
            places=places,
        )
        if event is not None:
            for part in result:
                trace.made[id(part)] = event
        return result

    return train_test_split


def _shuffle(original: Callable[..., Any]) -> Callable[..., Any]:
    def shuffle(*arrays: Any, **kwargs: Any) -> Any:
        trace = current()
        if trace is None or not trace.files.stack(2):
            return original(*arrays, **kwargs)
        before = np.random.get_state()  # noqa: NPY002
        with trace.paused():
            result = original(*arrays, **kwargs)
            rows = _rows(original, arrays, kwargs, before)
        if rows is not None and len(rows) == orders.rows_in(arrays[0]):
            orders.note(trace, "shuffle", rows)
        return result

    return shuffle
