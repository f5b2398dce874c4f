"""Standardised features, folded into the layer that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.core.rows import Rows


@dataclass(frozen=True)
class Scaling:
    """Mean and deviation of each feature over the training part.

    Attributes:
        mean: Shape (width,), float64.
        deviation: Shape (width,), float64; 1 where a feature does not vary.
    """

    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    def apply(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Features with mean 0 and deviation 1 over the training part."""
        return ((features - self.mean) / self.deviation).astype(np.float32)

    def fold(
        self, kernel: NDArray[np.float64], bias: NDArray[np.float64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Kernel and bias that do to raw features what the given ones do to standardised ones."""
        folded = kernel / self.deviation[:, None]
        return folded.astype(np.float32), (bias - self.mean @ folded).astype(np.float32)


def measure_scaling(features: NDArray[np.float32] | Rows) -> Scaling:
    """Mean and deviation of each feature, shape (n, width); of rows, in one pass over their blocks."""
    if isinstance(features, Rows):
        mean, deviation, largest = _moments(features)
    else:
        mean = features.mean(axis=0, dtype=np.float64)
        deviation = features.std(axis=0, dtype=np.float64)
        largest = np.abs(features).max(axis=0, initial=0.0)
    # A feature that varies by no more than rounding must not be blown up to noise. Rounding goes with
    # the feature's own size: columns that a user brings may be of very different scales.
    floor = 1e-6 * largest.astype(np.float64)
    return Scaling(mean, np.where(deviation > floor, deviation, 1.0))


def _moments(rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
    """Mean, deviation and largest size of each column.

    The squares about each block's own mean are joined, so that a mean far from 0 costs no digits.
    Source: T. Chan, G. Golub and R. LeVeque, "Updating formulae and a pairwise algorithm for computing
    sample variances", 1979.
    """
    count = 0
    mean, squares = np.zeros(rows.width), np.zeros(rows.width)
    largest = np.zeros(rows.width, np.float32)
    for block in rows.blocks():
        x = rows.read(block)
        more = len(x)
        own = x.mean(axis=0, dtype=np.float64)
        apart = x - own
        shift = own - mean
        squares += np.einsum("ij,ij->j", apart, apart) + shift * shift * (count * more / (count + more))
        mean += shift * (more / (count + more))
        count += more
        np.maximum(largest, np.abs(x, out=x).max(axis=0), out=largest)
    return mean, np.sqrt(squares / max(1, count)), largest
