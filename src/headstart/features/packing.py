"""A feature as bytes: float32 for vectors; for maps float16, compressed where that gains."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGE = 4096
"""Numbers from which compression is tried; vectors are dense and gain nothing."""

GAIN = 0.75
"""Largest share of its size that a compressed feature may have, or it is kept as it is."""

HIGHEST = float(np.finfo(np.float16).max)


def pack(feature: NDArray[Any], dtype: np.dtype[Any]) -> bytes:
    """A feature, shape (width,), as bytes.

    Maps after a rectifier are mostly zeros, and their compressed size is then about half.
    """
    if dtype.itemsize == 2:
        # Beyond float16's range lies nothing that a network makes of pictures; what does is held at its end.
        feature = np.clip(feature, -HIGHEST, HIGHEST)
    raw = np.ascontiguousarray(feature, dtype=dtype).tobytes()
    if dtype.itemsize == 2 and feature.size >= LARGE:
        packed = zlib.compress(raw, 1)
        if len(packed) <= GAIN * len(raw):
            return packed
    return raw


def unpack(data: bytes, width: int, dtype: np.dtype[Any]) -> NDArray[Any] | None:
    """A feature from its bytes, shape (width,), in its type; None where they cannot be one."""
    size = width * dtype.itemsize
    if len(data) != size:
        try:
            data = zlib.decompress(data, bufsize=size)
        except zlib.error:
            return None
    if len(data) != size:
        return None
    array: NDArray[Any] = np.frombuffer(data, dtype=dtype)
    return array.astype(dtype.newbyteorder("="), copy=False)
