"""Reads the compiled loss of a live model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Loss:
    """The loss that a model was compiled with.

    Attributes:
        name: Snake-case name of the Keras loss, such as "binary_crossentropy"; for a function of the
            user's own, its name.
        given: What the script gave: a string, an object or a function.
        from_logits: Whether it takes raw outputs; False where it has no such setting.
        builtin: Whether it is Keras's own.
    """

    name: str
    given: Any
    from_logits: bool = False
    builtin: bool = True

    @property
    def crossentropy(self) -> bool:
        """Whether it is one of the three cross-entropies, or their focal forms."""
        return self.builtin and self.name.endswith("crossentropy")


SHORT = {"mse": "mean_squared_error", "mae": "mean_absolute_error", "bce": "binary_crossentropy"}


def loss_of(model: Any) -> Loss | None:
    """The loss of a compiled model with one output, or None."""
    compiled = getattr(model, "_compile_loss", None)
    given = getattr(model, "loss", None) or getattr(compiled, "_user_loss", None)
    if isinstance(given, list | tuple | dict):
        parts = list(given.values()) if isinstance(given, dict) else list(given)
        if len(parts) != 1:
            return None
        given = parts[0]
    return loss_from(given)


def loss_from(given: Any) -> Loss | None:
    """A loss as a script gives it, for one output: a string, an object or a function."""
    if given is None:
        return None
    if isinstance(given, str):
        import keras

        try:
            object_ = keras.losses.get(given)
        except ValueError:
            return Loss(given, given, builtin=False)
        name = getattr(object_, "__name__", None) or snake(type(object_).__name__)
        return Loss(SHORT.get(name, name), given)
    cls = type(given)
    if callable(given) and hasattr(given, "__name__"):
        return Loss(given.__name__, given, builtin=str(getattr(given, "__module__", "")).startswith("keras"))
    builtin = cls.__module__.startswith("keras.")
    kwargs = getattr(given, "_fn_kwargs", None) or {}
    flag = getattr(given, "from_logits", kwargs.get("from_logits", False))
    return Loss(snake(cls.__name__), given, bool(flag), builtin)


def snake(name: str) -> str:
    """CamelCase as snake_case, the way that Keras names losses."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
