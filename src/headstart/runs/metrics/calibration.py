"""Whether a confidence of 0.8 is right eight times in ten."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headstart.core.numbers import Estimate, share
from headstart.runs.metrics.records import CalibrationBin

MOST_BINS = 15
LEAST_IN_BIN = 20


def calibration_bins(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[CalibrationBin, ...]:
    """Sorts pictures into bins of equal mass by the confidence of their answer.

    There are 15 bins, or fewer so that each holds at least 20 pictures. Equal confidences share a
    bin: otherwise the order of the files would decide, and a model that always says 0.5 would look
    miscalibrated by it. Bins can therefore differ in size, or fall together.

    Args:
        confidence: Greatest probability of each picture, shape (n,).
        right: Whether the answer was right, shape (n,).
    """
    n = len(confidence)
    if n == 0:
        return ()
    wanted = min(MOST_BINS, max(1, n // LEAST_IN_BIN))
    ordered = np.sort(confidence)
    edges = np.unique(ordered[[(n * i) // wanted for i in range(1, wanted)]])
    place = np.searchsorted(edges, confidence, side="right")
    size = np.bincount(place, minlength=len(edges) + 1)
    hits = np.bincount(place, weights=right, minlength=len(edges) + 1)
    total = np.bincount(place, weights=confidence, minlength=len(edges) + 1)
    return tuple(
        CalibrationBin(min(1.0, float(total[i] / size[i])), share(int(hits[i]), int(size[i])))
        for i in np.flatnonzero(size)
    )


def calibration_error(bins: Sequence[CalibrationBin], *, seed: int, draws: int = 500) -> Estimate:
    """Expected calibration error: mean over pictures of |confidence - accuracy| of their bin.

    Chance alone makes this number positive, so a bootstrap around it would exclude 0 for a model
    that is calibrated to perfection. The interval is instead the set of true errors under which
    the measured one would be no surprise (between the 2.5 % and the 97.5 % quantile of what would
    be measured). It reaches to 0 where chance explains the gaps. What would be measured depends on how
    the true error is spread over the bins: it is tried in the proportions found, and evenly.

    Args:
        bins: At least one.
        seed: Of the simulated chance.
        draws: How many simulated measurements a candidate gets.
    """
    size = np.array([one.accuracy.n for one in bins], np.float64)
    hits = size * np.array([one.accuracy.value for one in bins])
    confidence = np.array([one.confidence for one in bins])
    gaps = np.abs(hits / size - confidence)
    weight = size / size.sum()
    value = float(weight @ gaps)
    # With two right and two wrong answers more in each bin, no bin is taken as free of chance.
    smooth = (hits + 2.0) / (size + 4.0)
    noise = np.sqrt(smooth * (1.0 - smooth) / (size + 4.0))
    even = np.ones(len(bins))
    chance = np.random.default_rng(seed).standard_normal((draws, len(bins))) * noise
    candidates = np.linspace(0.0, min(1.0, 1.5 * value + 4.0 * float(weight @ noise)), 201)
    low, high = value, value
    for spread in (gaps / value, even) if value > 0 else (even,):
        measured = np.stack([np.abs(e * spread + chance) @ weight for e in candidates])
        lower, upper = np.quantile(measured, [0.025, 0.975], axis=1)
        # The ends are the nearest candidates that are refused, so that the grid takes nothing away.
        low = min(low, float(candidates[max(0, int(np.searchsorted(upper, value)) - 1)]))
        high = max(high, float(candidates[min(200, int(np.searchsorted(lower, value, side="right")))]))
    # An error that lies in one direction is at least as uncertain as the accuracy: this keeps the
    # interval from being a point where every answer was right and certain.
    overall, said = share(round(float(hits.sum())), round(float(size.sum()))), float(weight @ confidence)
    return Estimate(value, low, max(high, abs(said - overall.low), abs(overall.high - said)), overall.n)
