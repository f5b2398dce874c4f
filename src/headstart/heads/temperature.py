"""Temperature scaling: one number that makes confidence mean what it says.

Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BOUNDS = (0.05, 20.0)
"""Temperatures that are looked at; the search is on the logarithm."""


def log_loss(
    logits: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64] | None = None
) -> float:
    """Mean cross-entropy in nats of logits, shape (n, classes), with a weight for each picture."""
    return float(np.average(losses_of(logits, labels), weights=weights))


def losses_of(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Cross-entropy of each picture in nats, shape (n,), of logits, shape (n, classes)."""
    from scipy.special import logsumexp

    own = np.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
    return np.asarray(logsumexp(logits, axis=1) - own, np.float64)


def fit_temperature(
    logits: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64] | None = None
) -> float:
    """The temperature by which held-out logits must be divided to have the least cross-entropy.

    Args:
        logits: Of pictures that the model was not trained on, shape (n, classes).
        labels: Their class indices, shape (n,).
        weights: Weight of each picture, shape (n,), or None.
    """
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_t: log_loss(logits * np.exp(-log_t), labels, weights),
        bounds=tuple(np.log(BOUNDS)),
        method="bounded",
        options={"xatol": 1e-3},
    )
    return float(np.exp(found.x))
