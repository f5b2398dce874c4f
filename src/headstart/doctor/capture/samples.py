"""Rows of training data as the doctor holds them: batches, samples and parts of either, in NumPy arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Batch:
    """One batch as `fit` would get it: NumPy arrays, or dicts and tuples of them."""

    x: Any
    y: Any = None
    weight: Any = None

    @property
    def rows(self) -> int:
        """How many rows the batch has."""
        return rows_of(self.x)


@dataclass(frozen=True)
class Sample:
    """What was seen of a data source.

    Attributes:
        kind: "arrays", "tf.data", "generator", "pydataset", "dataloader" or "unknown".
        batches: Batches in the order in which the source gives them. For arrays, rows spread evenly
            over the whole, because `fit` shuffles them anyway.
        source: The object itself.
        ordered: Whether the order of the batches is the order of training.
        rows: Rows of the whole, or None where the source does not say.
        steps: Batches of an epoch, or None.
        batch_size: Rows of a batch.
        whole: For arrays, all of x and y as the user gave them; else None.
        complete: Whether the batches are all that there is.
        seconds: How long each batch took to come, for the cost of input.
    """

    kind: str
    batches: tuple[Batch, ...]
    source: Any = None
    ordered: bool = True
    rows: int | None = None
    steps: int | None = None
    batch_size: int | None = None
    whole: tuple[Any, Any] | None = None
    complete: bool = False
    seconds: tuple[float, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def x(self) -> Any:
        """All of x that was seen, joined; keeps dicts and tuples."""
        return join([batch.x for batch in self.batches])

    @property
    def y(self) -> Any:
        """All of y that was seen, joined, or None."""
        return join([batch.y for batch in self.batches])

    @property
    def weight(self) -> Any:
        """All sample weights that were seen, joined, or None."""
        return join([batch.weight for batch in self.batches])


def bytes_of(value: Any) -> int:
    """Bytes of an array, or of all arrays in a structure."""
    if isinstance(value, dict):
        return sum(bytes_of(part) for part in value.values())
    if isinstance(value, list | tuple):
        return sum(bytes_of(part) for part in value)
    return int(getattr(value, "nbytes", 0))


def rows_of(value: Any) -> int:
    """Rows of an array, or of the first array in a structure."""
    while isinstance(value, dict | list | tuple):
        if not value:
            return 0
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
    shape = getattr(value, "shape", None)
    if shape is not None:
        return int(shape[0]) if len(shape) else 0
    return len(value) if hasattr(value, "__len__") else 0


def join(parts: list[Any]) -> Any:
    """Joins arrays, or structures of arrays, along their rows."""
    if not parts or parts[0] is None:
        return None
    first = parts[0]
    if isinstance(first, dict):
        return {key: join([part[key] for part in parts]) for key in first}
    if isinstance(first, list | tuple):
        return type(first)(join([part[i] for part in parts]) for i in range(len(first)))
    arrays = [np.asarray(part) for part in parts]
    if len({array.shape[1:] for array in arrays}) > 1:
        return arrays[0]
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def to_numpy(value: Any) -> Any:
    """Any backend's tensors, in any structure, as NumPy arrays."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: to_numpy(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(to_numpy(part) for part in value)
    if isinstance(value, list) and value and not np.isscalar(value[0]):
        return [to_numpy(part) for part in value]
    if type(value).__name__ in ("SparseTensor", "RaggedTensor"):
        return value.to_tensor().numpy() if hasattr(value, "to_tensor") else _dense(value)
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    return np.asarray(value)


def _dense(value: Any) -> Any:
    import tensorflow as tf

    return tf.sparse.to_dense(value).numpy()


def batch_of(item: Any) -> Batch:
    """What a source gives for a batch, as a `Batch`."""
    if isinstance(item, list) and len(item) in (2, 3) and not np.isscalar(item[0]):
        item = tuple(item)  # a torch DataLoader gives lists
    if not isinstance(item, tuple):
        return Batch(to_numpy(item))
    x, y, weight = (*item, None, None)[:3]
    return Batch(to_numpy(x), to_numpy(y), to_numpy(weight))


def take_rows(value: Any, index: Any) -> Any:
    """Rows of an array, or of each array of a structure, as NumPy arrays."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: take_rows(part, index) for key, part in value.items()}
    if isinstance(value, list | tuple) and value and not np.isscalar(value[0]):
        return type(value)(take_rows(part, index) for part in value)
    if hasattr(value, "iloc"):
        return np.asarray(value.iloc[index])
    if isinstance(value, np.ndarray):
        return value[index]
    return to_numpy(value)[index]
