"""How near the features of two engines are: the cosine between those of each picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float64]:
    """The cosine between each row of a and of b, shape (n,); features that are no numbers give -1."""
    x, y = a.astype(np.float64), b.astype(np.float64)
    lengths = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    # A picture whose features are all zero in both has no direction to differ in.
    same = np.where((x == y).all(axis=1), 1.0, 0.0)
    found = np.divide((x * y).sum(axis=1), lengths, out=same, where=lengths > 0)
    numbers: NDArray[np.float64] = np.where(np.isfinite(lengths), found, -1.0)
    return numbers
