"""What is otherwise for the length of a trial: other activations, smaller weights, a single thread."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from headstart.doctor.probes.untouched import value_of


@contextlib.contextmanager
def swapped(layers: list[Any], name: str, value: Any) -> Iterator[None]:
    """Meanwhile, the attribute of each layer has another value."""
    kept = [getattr(layer, name) for layer in layers]
    try:
        for layer in layers:
            setattr(layer, name, value)
        yield
    finally:
        for layer, old in zip(layers, kept, strict=True):
            setattr(layer, name, old)


@contextlib.contextmanager
def scaled(weights: list[tuple[Any, float]]) -> Iterator[None]:
    """Meanwhile, each weight is multiplied by its factor."""
    kept = [(variable, value_of(variable)) for variable, _ in weights]
    try:
        for (variable, value), (_, factor) in zip(kept, weights, strict=True):
            variable.assign(value * factor)
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch's threads cost small steps more than they bring, above all on a busy machine."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    kept = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(kept)
