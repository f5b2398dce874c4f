"""Puts everything back: weights, optimizer, metrics, seeds, names, and every random generator."""

from __future__ import annotations

import contextlib
import copy
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def value_of(variable: Any) -> np.ndarray[Any, Any]:
    """A copy of a variable's value, on any backend."""
    import keras

    with warnings.catch_warnings():
        # Keras's tensors do not know the keyword `copy` of NumPy 2's protocol yet.
        warnings.simplefilter("ignore", DeprecationWarning)
        return np.array(keras.ops.convert_to_numpy(getattr(variable, "value", variable)))


Restore = Callable[[], None]


@contextlib.contextmanager
def untouched(model: Any = None) -> Iterator[None]:
    """Whatever the block does to the model or draws at random is undone when it ends."""
    restores = [keep() for keep in (_python, _numpy, _tensorflow, _torch, _keras)]
    if model is not None:
        restores.append(_model(model))
    try:
        yield
    finally:
        for restore in reversed(restores):
            restore()


def _python() -> Restore:
    state = random.getstate()
    return lambda: random.setstate(state)


def _numpy() -> Restore:
    state = np.random.get_state()  # noqa: NPY002 - the user's scripts draw from it
    return lambda: np.random.set_state(state)  # noqa: NPY002


def _tensorflow() -> Restore:
    if "tensorflow" not in sys.modules:
        return lambda: None
    from tensorflow.python.eager import context

    current = context.context()
    generator = getattr(current, "_rng", None)
    state = generator.getstate() if generator is not None else None
    seed = getattr(current, "_seed", None)
    from tensorflow.python.ops import stateful_random_ops

    shared = getattr(stateful_random_ops, "global_generator", None)
    shared_state = np.array(shared.state.numpy()) if shared is not None else None

    def restore() -> None:
        if generator is not None and state is not None:
            if current._seed != seed:
                current._set_global_seed(seed)
            current._rng.setstate(state)
            # Kernels keep a counter of their own for each pair of seeds.
            with contextlib.suppress(Exception):
                current.clear_kernel_cache()
        if shared is not None and shared_state is not None:
            shared.state.assign(shared_state)

    return restore


def _torch() -> Restore:
    torch = sys.modules.get("torch")
    if torch is None:
        return lambda: None
    state = torch.get_rng_state()
    return lambda: torch.set_rng_state(state)


def _keras() -> Restore:
    if "keras" not in sys.modules:
        return lambda: None
    from keras.src.backend.common import global_state

    names = global_state.get_global_attribute("object_name_uids")
    kept = copy.copy(names) if names is not None else None
    seeds = global_state.get_global_attribute("global_seed_generator")
    seed = value_of(seeds.state) if seeds is not None else None

    def restore() -> None:
        global_state.set_global_attribute("object_name_uids", kept)
        if seeds is None:
            # One made meanwhile would have drawn its seed later in the user's run.
            global_state.set_global_attribute("global_seed_generator", None)
        else:
            seeds.state.assign(seed)

    return restore


def _model(model: Any) -> Restore:
    variables = list(model.variables)
    optimizer = getattr(model, "optimizer", None)
    built = optimizer is not None and getattr(optimizer, "built", False)
    if optimizer is not None:
        variables += list(optimizer.variables)
    metrics = [v for m in getattr(model, "metrics", []) or [] for v in getattr(m, "variables", [])]
    variables += metrics
    # Large frozen trunks are neither copied nor changed by any probe: only what could move is kept.
    kept = [(v, value_of(v)) for v in _once(variables) if _may_move(v, model)]

    # Keras draws a batch to build a loss that is not built yet; one that a probe built would spare it that.
    unbuilt = [
        (part, {name: copy.copy(value) if isinstance(value, list | dict) else value for name, value in state})
        for part in (getattr(model, "_compile_loss", None), getattr(model, "_compile_metrics", None))
        if part is not None and not getattr(part, "built", True)
        for state in [list(vars(part).items())]
    ]

    def restore() -> None:
        for part, state in unbuilt:
            vars(part).clear()
            vars(part).update(state)
        for variable, value in kept:
            if not np.array_equal(value_of(variable), value, equal_nan=value.dtype.kind == "f"):
                variable.assign(value)
        if optimizer is not None and not built and getattr(optimizer, "built", False):
            for variable in optimizer.variables:
                if variable is not getattr(optimizer, "_learning_rate", None):
                    variable.assign(np.zeros(variable.shape, dtype=str(variable.dtype)))

    return restore


def _once(variables: list[Any]) -> list[Any]:
    seen: set[int] = set()
    return [v for v in variables if not (id(v) in seen or seen.add(id(v)))]  # type: ignore[func-returns-value]


def _may_move(variable: Any, model: Any) -> bool:  # noqa: ARG001
    size = int(np.prod(variable.shape)) if variable.shape else 1
    return bool(getattr(variable, "trainable", True)) or size < 100_000
