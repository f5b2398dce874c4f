"""Reads arguments of Keras 1 and early Keras 2 in the making of layers and models.

Python gives `__new__` and `__init__` the same arguments, so the class's `__init__` is exchanged for one
call: nothing stays behind on classes that never meet such an argument.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from headstart.doctor.capture import patching
from headstart.doctor.capture.trace import current

MODULE = "keras"

OLD = {
    "output_dim": "units",
    "nb_filter": "filters",
    "nb_kernel": "filters",
    "filter_length": "kernel_size",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "atrous_rate": "dilation_rate",
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "b_constraint": "bias_constraint",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "bias": "use_bias",
    "p": "rate",
    "sigma": "stddev",
    "pool_length": "pool_size",
    "stride": "strides",
    "dim_ordering": "data_format",
    "batch_input_shape": "batch_shape",
}
"""Old argument names and their present ones."""

DROPPED = ("consume_less", "mode", "nb_row", "nb_col")
"""Old arguments that have no present form, or that are read together with another."""

BY_CLASS = {
    "Embedding": {"init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer"},
    "PReLU": {"init": "alpha_initializer"},
}

VALUES = {"tf": "channels_last", "th": "channels_first"}


def install(module: ModuleType) -> None:
    """Patches the making of layers and of functional models."""
    for owner, make in ((module.layers.Layer, _layer), (module.Model, _model)):
        original = owner.__new__
        if getattr(original, "__headstart_reads__", False):
            continue
        wrapper = make(original)
        functools.update_wrapper(wrapper, original)
        setattr(wrapper, patching.MARK, original)
        wrapper.__headstart_reads__ = True  # type: ignore[attr-defined]
        owner.__new__ = wrapper


def _layer(original: Callable[..., Any]) -> Callable[..., Any]:
    def new(cls: type, *args: Any, **kwargs: Any) -> Any:
        made = original(cls, *args, **kwargs)
        if current() is not None and kwargs and cls.__module__.startswith("keras."):
            present = _present(cls, args, kwargs)
            if present is not None:
                positional, named = present
                _once(cls, lambda self, init: init(self, *positional, **named))
        return made

    return new


def _model(original: Callable[..., Any]) -> Callable[..., Any]:
    def new(cls: type, *args: Any, **kwargs: Any) -> Any:
        if current() is not None and {"input", "output"} <= set(kwargs) and cls.__name__ == "Model":
            _note("input", "Model", kwargs)
            renamed = {{"input": "inputs", "output": "outputs"}.get(k, k): v for k, v in kwargs.items()}
            made = cls(*args, **renamed)
            _once(type(made), lambda _self, _init: None)
            return made
        return original(cls, *args, **kwargs)

    return new


def _once(cls: type, call: Callable[[Any, Callable[..., Any]], None]) -> None:
    """Makes the next `__init__` of a class another, and puts its own back when that begins."""
    own = vars(cls).get("__init__")
    init: Callable[..., Any] = cls.__init__  # type: ignore[misc]

    def one(self: Any, *_args: Any, **_kwargs: Any) -> None:
        if own is None:
            del cls.__init__  # type: ignore[misc]
        else:
            cls.__init__ = own  # type: ignore[misc]
        call(self, init)

    cls.__init__ = one  # type: ignore[misc]


def _present(
    cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """The arguments by their present names, or None where none is old."""
    try:
        takes = inspect.signature(cls.__init__).parameters  # type: ignore[misc]
    except (TypeError, ValueError):
        return None
    names = {**OLD, **BY_CLASS.get(cls.__name__, {})}
    old = [name for name in kwargs if name not in takes and (name in names or name in DROPPED)]
    if not old:
        return None
    kept = {name: value for name, value in kwargs.items() if name not in old}
    for name in old:
        new = names.get(name)
        known = new in takes or new == "batch_shape"
        _note(name, cls.__name__, kwargs, new if known else None)
        if known:
            value = kwargs[name]
            kept.setdefault(str(new), VALUES.get(value, value) if name == "dim_ordering" else value)
    if "nb_row" in old and "nb_col" in old:
        kept.setdefault("kernel_size", (kwargs["nb_row"], kwargs["nb_col"]))
    if cls.__name__ == "Conv2D" and len(args) == 3 and "strides" not in kept:
        # Keras 1 gave rows and columns of the kernel one after the other.
        args = (args[0], (args[1], args[2]))
    return args, kept


def _note(name: str, method: str, kwargs: dict[str, Any], new: str | None = None) -> None:
    trace = current()
    if trace is not None:
        trace.add(
            "removed-argument",
            name,
            arguments={"method": method, "value": kwargs[name], "all": dict(kwargs), "new": new},
        )
