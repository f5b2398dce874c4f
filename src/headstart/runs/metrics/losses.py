"""Losses of each picture, and a mean whose interval allows for their skewness."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from headstart.core.numbers import Z95, Estimate

FLOOR = 1e-7
"""Least probability that a logarithm is taken of: the bound of Keras's own cross-entropy."""


def log_losses(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Negative logarithm of the true class's probability, shape (n,), in [0, 16.1]."""
    true = probabilities[np.arange(len(labels)), labels]
    return np.asarray(-np.log(np.clip(true, FLOOR, 1.0)) + 0.0, np.float64)


def brier_scores(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Squared distance between probabilities and truth, summed over classes, shape (n,), in [0, 2].

    Source: G. W. Brier, "Verification of forecasts expressed in terms of probability",
    Monthly Weather Review 78 (1950).
    """
    squares = np.einsum("ij,ij->i", probabilities, probabilities)
    true = probabilities[np.arange(len(labels)), labels]
    return np.asarray(np.clip(squares - 2.0 * true + 1.0, 0.0, 2.0), np.float64)


def skewed_mean(values: NDArray[np.float64], *, upper: float) -> Estimate:
    """A mean of values in [0, upper], with an interval that is as lopsided as they are.

    Losses have a long right tail: a few certain mistakes carry most of the mean, and the usual
    interval (mean plus or minus 1.96 standard errors) ends too low. This one turns the mean's
    skewness away by a cubic before it looks up the normal quantiles.

    Args:
        values: Shape (n,).
        upper: The greatest value that can be; with fewer than two values the interval is the whole range.

    Source: P. Hall, "On the removal of skewness by transformation",
    Journal of the Royal Statistical Society B 54 (1992).
    """
    n = len(values)
    if n < 2:
        return Estimate(float(values[0]) if n else math.nan, 0.0, upper, n)
    value = float(values.mean())
    centred = values - value
    spread = math.sqrt(float((centred**2).sum()) / (n - 1))
    if spread <= 1e-12 * max(1.0, value):
        return Estimate(value, value, value, n)
    skewness = float((centred**3).mean()) / spread**3

    def untransformed(y: float) -> float:
        if abs(skewness) < 1e-6:
            return y
        return 3.0 / skewness * (math.cbrt(1.0 + skewness * (y - skewness / (6.0 * n))) - 1.0)

    reach = Z95 / math.sqrt(n)
    low, high = value - spread * untransformed(reach), value - spread * untransformed(-reach)
    return Estimate(value, min(value, max(0.0, low)), max(value, min(upper, high)), n)
