"""What follows from the confusion counts alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headstart.core.numbers import Z95, Estimate, share
from headstart.runs.metrics.records import ClassMetrics


def confusion_counts(labels: NDArray[np.int64], predicted: NDArray[np.int64], k: int) -> NDArray[np.int64]:
    """Counts of (true, predicted), shape (k, k), int64; rows are true classes."""
    flat = np.bincount(labels * k + predicted, minlength=k * k)
    return flat.reshape(k, k).astype(np.int64)


def class_metrics(counts: NDArray[np.int64], names: Sequence[str]) -> tuple[ClassMetrics, ...]:
    """Precision, recall and F1 of each class; n = 0 where a class has nothing to take a share of."""
    right, of_class, given = np.diag(counts), counts.sum(1), counts.sum(0)
    return tuple(
        ClassMetrics(
            name=name,
            precision=share(int(right[i]), int(given[i])),
            recall=share(int(right[i]), int(of_class[i])),
            f1=_f1(int(right[i]), int(of_class[i] + given[i] - right[i])),
        )
        for i, name in enumerate(names)
    )


def balanced_accuracy(classes: Sequence[ClassMetrics]) -> Estimate:
    """Mean recall over the classes that have pictures; n is the number of pictures."""
    recalls = [one.recall for one in classes if one.recall.n]
    variances = np.array([one.value * (1.0 - one.value) / one.n for one in recalls])
    return _mean_of(recalls, np.diag(variances), sum(one.n for one in recalls))


def macro_f1(counts: NDArray[np.int64], classes: Sequence[ClassMetrics]) -> Estimate:
    """Mean F1 over the classes that have pictures or were answered; n is the number of pictures.

    A mistake lowers the F1 of two classes at once, so that these rise and fall together: the
    interval takes their correlation, to first order, from the counts.
    """
    used = [int(i) for i in np.flatnonzero(counts.sum(0) + counts.sum(1))]
    table = counts[np.ix_(used, used)].astype(np.float64)
    f1 = np.array([classes[i].f1.value for i in used])
    right, total = np.diag(table), table.sum(0) + table.sum(1)
    pull = f1 / total if len(used) else f1
    covariance = (table + table.T) * np.outer(pull, pull)
    variance = right * ((2.0 - 2.0 * f1) / total) ** 2 + (total - 2.0 * right) * pull**2
    np.fill_diagonal(covariance, variance)
    return _mean_of([classes[i].f1 for i in used], covariance, int(counts.sum()))


def _f1(right: int, union: int) -> Estimate:
    """F1 by way of the share right / union, of which it is an increasing function."""
    jaccard = share(right, union)

    def lifted(j: float) -> float:
        return 2.0 * j / (1.0 + j)

    return Estimate(lifted(jaccard.value), lifted(jaccard.low), lifted(jaccard.high), union)


def _mean_of(parts: Sequence[Estimate], covariance: NDArray[np.float64], n: int) -> Estimate:
    """A mean of estimates whose intervals are lopsided, recovering variance from each interval.

    Unlike a bootstrap it does not shrink to a point where every answer is right. Over many parts of
    few pictures each, where lopsidedness averages out, the plain standard error is the wider, and holds.

    Args:
        parts: The estimates, k of them.
        covariance: Of their values, to first order, shape (k, k).
        n: How many pictures they rest on together.

    Source: G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures:
    a general approach", Statistics in Medicine 27 (2008).
    """
    if not parts:
        return Estimate(math.nan, 0.0, 1.0, 0)
    values = np.array([one.value for one in parts])
    below = values - np.array([one.low for one in parts])
    above = np.array([one.high for one in parts]) - values
    variance = np.diag(covariance)
    scale = np.sqrt(np.outer(variance, variance))
    correlation = np.divide(covariance, scale, out=np.eye(len(parts)), where=scale > 0)
    plain = Z95 * math.sqrt(max(0.0, float(covariance.sum())))

    def spread(reach: NDArray[np.float64]) -> float:
        return max(plain, math.sqrt(max(0.0, float(reach @ correlation @ reach)))) / len(parts)

    value = float(values.mean())
    return Estimate(value, max(0.0, value - spread(below)), min(1.0, value + spread(above)), n)
