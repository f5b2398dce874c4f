"""Logistic regression on rows that are read a block at a time, for features that memory does not hold.

Loss and gradient are sums over rows, so summing them block by block gives what a fit to the whole matrix
would see, and the same minimum: of the weighted mean cross-entropy plus |W|^2 / (2 C s), where s is the sum
of the weights and W acts on standardised features (scikit-learn's objective). L-BFGS takes one pass over the
rows for each step.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from headstart.core.rows import Rows
from headstart.heads.standardise import Scaling

STRETCHES = 16
"""Parts of the rows whose sums are made one beside the other. A fixed number: with as many as there are
processors, the last digits would hang on the machine."""
ITERATIONS = 300
TOLERANCE = 1e-4
"""Largest component of the gradient at which the fit is done, as in scikit-learn."""
PROGRESS = 1e-9
"""Fall of the loss below which a step is no progress: sums of float32 products are not sharper."""

T = TypeVar("T")


@dataclass(frozen=True)
class Objective:
    """The loss of a linear head and its gradient.

    Attributes:
        rows: Raw features, n of them.
        labels: Class index of each, shape (n,).
        weights: Weight of each, shape (n,).
        classes: Number of classes; two have one row of coefficients, for the second against the first.
        strength: Inverse regularisation strength, scikit-learn's C.
        scaling: Standardises the features.
    """

    rows: Rows
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]
    classes: int
    strength: float
    scaling: Scaling

    @property
    def units(self) -> int:
        """Rows of coefficients."""
        return 1 if self.classes == 2 else self.classes

    def __call__(self, flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Loss, in nats, and gradient at some coefficients.

        Args:
            flat: A row for each unit, of width + 1 numbers, the bias last; flattened.
        """
        coefficients = flat.reshape(self.units, -1)
        kernel, bias = coefficients[:, :-1], coefficients[:, -1]
        # The deviation goes with the kernel, so that a block is only centred, in one go over it.
        scaled = np.ascontiguousarray((kernel / self.scaling.deviation).T, np.float32)
        loss, gradient = 0.0, np.zeros((self.units, self.rows.width + 1))
        for some_loss, some_gradient in in_stretches(self.rows, partial(self._stretch, scaled, bias)):
            loss += some_loss
            gradient += some_gradient
        total = float(self.weights.sum())
        penalty = 1.0 / (self.strength * total)
        gradient[:, :-1] /= self.scaling.deviation
        gradient /= total
        gradient[:, :-1] += penalty * kernel
        return loss / total + 0.5 * penalty * float((kernel * kernel).sum()), gradient.ravel()

    def _stretch(
        self, kernel: NDArray[np.float32], bias: NDArray[np.float64], blocks: list[slice]
    ) -> tuple[float, NDArray[np.float64]]:
        loss, gradient = 0.0, np.zeros((self.units, self.rows.width + 1))
        mean = self.scaling.mean.astype(np.float32)
        for block in blocks:
            x = self.rows.read(block)
            x -= mean
            losses, slopes = _cross_entropy((x @ kernel).astype(np.float64) + bias, self.labels[block])
            weights = self.weights[block]
            loss += float(losses @ weights)
            slopes *= weights[:, None]
            gradient[:, :-1] += slopes.astype(np.float32).T @ x
            gradient[:, -1] += slopes.sum(axis=0)
        return loss, gradient


def in_stretches(rows: Rows, work: Callable[[list[slice]], T]) -> list[T]:
    """What some work makes of the blocks of each stretch, in order; several stretches at a time."""
    from joblib import cpu_count

    blocks = list(rows.blocks())
    ends = np.linspace(0, len(blocks), STRETCHES + 1).astype(int)
    stretches = [blocks[a:b] for a, b in pairwise(ends) if b > a]
    with ThreadPoolExecutor(min(STRETCHES, cpu_count())) as pool:
        return list(pool.map(work, stretches))


def _cross_entropy(
    logits: NDArray[np.float64], labels: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Loss of each row, and its derivative by the logits, of the logits' shape."""
    if logits.shape[1] == 1:
        logits = np.concatenate([np.zeros_like(logits), logits], axis=1)
        of_both = _cross_entropy(logits, labels)
        return of_both[0], of_both[1][:, 1:]
    top = logits.max(axis=1, keepdims=True)
    slopes = np.exp(logits - top)
    sums = slopes.sum(axis=1, keepdims=True)
    slopes /= sums
    own = np.arange(len(labels)), labels
    losses: NDArray[np.float64] = (top + np.log(sums))[:, 0] - logits[own]
    slopes[own] -= 1.0
    return losses, slopes


def fit_streamed(
    objective: Objective,
    start: NDArray[np.float64] | None = None,
    *,
    tolerance: float = TOLERANCE,
    progress: float = PROGRESS,
    iterations: int = ITERATIONS,
) -> NDArray[np.float64]:
    """The coefficients at which an objective is least.

    Args:
        objective: What to minimise.
        start: Where to begin, shape (units, width + 1); the nearer, the fewer passes. None is at nothing.
        tolerance: Largest component of the gradient at which it is done.
        progress: Fall of the loss below which it is done.
        iterations: Most steps.

    Returns:
        A row for each unit, on standardised features, the bias last; shape (units, width + 1).
    """
    from scipy.optimize import minimize

    shape = (objective.units, objective.rows.width + 1)
    found = minimize(
        objective,
        (np.zeros(shape) if start is None else start).ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "gtol": tolerance, "ftol": progress, "maxls": 50},
    )
    result: NDArray[np.float64] = found.x.reshape(shape)
    return result
