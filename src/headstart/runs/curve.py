"""Accuracy as a function of training pictures: would more of them help?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.core import numbers
from headstart.core.rows import Rows
from headstart.heads.linear import fit_at
from headstart.runs.metrics import CurvePoint

SHARES = (0.05, 0.1, 0.2, 0.4, 0.7)
FEWEST = 2
"""Pictures of each class that the smallest head is trained on."""


def learning_curve(
    x: Rows,
    y: NDArray[np.int64],
    x_held: Rows,
    y_held: NDArray[np.int64],
    classes: int,
    *,
    strength: float,
    balanced: bool,
    seed: int,
    whole: CurvePoint,
) -> tuple[CurvePoint, ...]:
    """Trains linear heads on growing parts of the training part and measures each on held-out pictures.

    Args:
        x: Features to train on, shape (n, width).
        y: Their classes, shape (n,).
        x_held: Features to measure on.
        y_held: Their classes.
        classes: Number of classes.
        strength: Inverse regularisation strength, as chosen on the whole.
        balanced: Whether every class counts the same.
        seed: Seeds which pictures come first.
        whole: The last point: the head that was trained on all.
    """
    rng = np.random.default_rng(seed)
    places = [rng.permutation(np.flatnonzero(y == c)) for c in range(classes)]
    points: list[CurvePoint] = []
    for share in SHARES:
        counts = [max(FEWEST, round(share * len(own))) for own in places]
        if any(count >= len(own) for count, own in zip(counts, places, strict=True)):
            continue
        chosen = np.concatenate([own[:count] for count, own in zip(counts, places, strict=True)])
        if not x.held:
            # From a file they are read in its order.
            chosen.sort()
        if points and len(chosen) <= points[-1].n_train:
            continue
        head = fit_at(x.some(chosen), y[chosen], classes, balanced=balanced, strength=strength)
        right = int((head.probabilities(x_held).argmax(axis=1) == y_held).sum())
        points.append(CurvePoint(len(chosen), numbers.share(right, len(y_held))))
    return (*points, whole)
