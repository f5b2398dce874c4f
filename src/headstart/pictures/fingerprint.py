"""A picture's fingerprint: itself in 16 by 16 grey values, from which likeness is computed.

A hash of 64 bits says "alike" or "not alike"; the small picture itself says how much, can be mirrored,
and can be laid over a crop of another. It costs 256 bytes and some 50 microseconds a picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GRID = 16
"""Side of the small grey picture, in pixels."""

FINGERPRINT_BYTES = GRID * GRID

_FLAT = 1.5
"""Spread in grey values below which a small picture shows next to nothing."""


def fingerprint(picture: Image.Image) -> bytes:
    """The picture in 16 by 16 grey values, row by row.

    Args:
        picture: A picture in mode 'RGB' or 'L', already at the size that a backbone takes.
    """
    # Small first: the grey conversion then costs next to nothing, and both are linear.
    small = picture.resize((GRID, GRID), Image.Resampling.BOX)
    return small.convert("L").tobytes()


def grids(fingerprints: Sequence[bytes]) -> NDArray[np.float32]:
    """Fingerprints as small grey pictures, shape (n, 16, 16)."""
    values = np.frombuffer(b"".join(fingerprints), dtype=np.uint8)
    return values.reshape(-1, GRID, GRID).astype(np.float32)


def patterns(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """Small pictures without their brightness and contrast, as vectors of length 1.

    Args:
        small: Shape (n, height, width).

    Returns:
        Shape (n, height * width). The dot product of two rows is the correlation of the two pictures.
    """
    rows = small.reshape(len(small), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    result: NDArray[np.float32] = rows / np.maximum(lengths, 1e-6)
    return result


def flat(small: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which small pictures are of one colour, so that their pattern is noise; shape (n,)."""
    result: NDArray[np.bool_] = small.reshape(len(small), -1).std(axis=1) < _FLAT
    return result
