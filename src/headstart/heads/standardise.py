"""Standardised features, folded into the layer that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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


def measure_scaling(features: NDArray[np.float32]) -> Scaling:
    """Mean and deviation of each feature, shape (n, width)."""
    mean = features.mean(axis=0, dtype=np.float64)
    deviation = features.std(axis=0, dtype=np.float64)
    # A feature that varies by no more than rounding must not be blown up to noise. Rounding goes with
    # the feature's own size: columns that a user brings may be of very different scales.
    floor = 1e-6 * np.abs(features).max(axis=0, initial=0.0).astype(np.float64)
    return Scaling(mean, np.where(deviation > floor, deviation, 1.0))
