"""A picture's fingerprint: perceptual hashes that find candidates for twins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GRID = 16
"""Side of the small grey picture, in pixels."""

FINGERPRINT_BYTES = GRID * GRID


def fingerprint(picture: Image.Image) -> bytes:
    """The picture in 16 by 16 grey values, row by row: all hashes derive from it.

    Args:
        picture: A picture in mode 'RGB' or 'L', already at the size that a backbone takes.
    """
    # Small first: the grey conversion then costs next to nothing, and both are linear.
    small = picture.resize((GRID, GRID), Image.Resampling.BOX)
    return small.convert("L").tobytes()


def grids(fingerprints: list[bytes]) -> NDArray[np.uint8]:
    """Fingerprints as small grey pictures, shape (n, 16, 16)."""
    return np.frombuffer(b"".join(fingerprints), dtype=np.uint8).reshape(-1, GRID, GRID)
