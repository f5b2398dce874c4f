"""Reads a PyTorch state dict in the older file format, without PyTorch and without running its code.

The file is five pickles (a magic number, a protocol number, the writer's byte order, the dictionary of
tensors, the order of the storages), then each storage as a count and its raw values. A pickle can name any
function and call it; this reader knows the four names below and stops at any other.
"""

from __future__ import annotations

import collections
import io
import pickle
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import WeightsError

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001

_STORAGES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


@dataclass(frozen=True)
class _View:
    """A tensor before its values are read: where they lie in which storage."""

    storage: str
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def read(data: bytes, source: str) -> dict[str, NDArray[np.generic]]:
    """The tensors of a state dict by name, float32 or int64.

    Args:
        data: The file's content; check its hash first.
        source: The file's name, for the error.

    Raises:
        WeightsError: If the file is of another kind, is cut off, or names what a state dict does not need.
    """
    try:
        return _read(io.BytesIO(data))
    except WeightsError:
        raise
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise _unreadable(source, f"{type(error).__name__}: {error}") from error


def _read(file: io.BytesIO) -> dict[str, NDArray[np.generic]]:
    if _load(file) != MAGIC or _load(file) != PROTOCOL:
        raise ValueError("not a state dict of the older format")
    system = _load(file)
    if system["little_endian"] is not True:
        raise ValueError("written on a big-endian machine")
    types: dict[str, np.dtype[Any]] = {}
    views = _load(file, types)
    storages: dict[str, NDArray[np.generic]] = {}
    for key in _load(file):
        (count,) = struct.unpack("<q", file.read(8))
        size = count * types[key].itemsize
        values = file.read(size)
        if count < 0 or len(values) != size:
            raise ValueError("the file is cut off")
        storages[key] = np.frombuffer(values, types[key])
    return {name: _tensor(view, storages) for name, view in views.items()}


def _tensor(view: _View, storages: dict[str, NDArray[np.generic]]) -> NDArray[np.generic]:
    storage = storages[view.storage]
    last = view.offset + sum((n - 1) * step for n, step in zip(view.shape, view.stride, strict=True))
    if min((view.offset, last, *view.stride, *view.shape)) < 0 or last >= storage.size:
        raise ValueError("a tensor reaches beyond its storage")
    strides = tuple(step * storage.itemsize for step in view.stride)
    lent = np.lib.stride_tricks.as_strided(storage[view.offset :], view.shape, strides, writeable=False)
    return np.ascontiguousarray(lent).reshape(view.shape)


def _load(file: io.BytesIO, types: dict[str, np.dtype[Any]] | None = None) -> Any:
    return _Unpickler(file, types if types is not None else {}).load()


class _Unpickler(pickle.Unpickler):
    """Knows an ordered dictionary, two kinds of storage and the one function that makes a tensor of them."""

    def __init__(self, file: io.BytesIO, types: dict[str, np.dtype[Any]]) -> None:
        super().__init__(file)
        self._types = types

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if module == "torch" and name in _STORAGES:
            return name
        raise WeightsError(
            "A state dict holds tensors only",
            f"a pickle that names {module}.{name}",
            "get the file again from its publisher, and do not open this one elsewhere",
        )

    def persistent_load(self, pid: Any) -> str:
        kind, storage, key, _device, _count, _base = pid
        if kind != "storage":
            raise ValueError(f"an object of kind {kind!r}")
        self._types[str(key)] = _STORAGES[storage]
        return str(key)


def _rebuild(storage: str, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> _View:
    return _View(storage, offset, tuple(shape), tuple(stride))


def _unreadable(source: str, reason: str) -> WeightsError:
    return WeightsError(
        "Weights from PyTorch are a state dict in the older file format",
        f"{source}, which cannot be read as one ({reason})",
        "get the file again",
    )
