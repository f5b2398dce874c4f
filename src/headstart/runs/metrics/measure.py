"""From probabilities and labels to metrics."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headstart.core.numbers import Estimate, share
from headstart.runs.metrics.calibration import calibration_bins, calibration_error
from headstart.runs.metrics.losses import brier_scores, log_losses, skewed_mean
from headstart.runs.metrics.records import Metrics
from headstart.runs.metrics.table import balanced_accuracy, class_metrics, confusion_counts, macro_f1


def measure(
    probabilities: NDArray[np.float64],
    labels: NDArray[np.int64],
    class_names: Sequence[str],
    *,
    seed: int = 0,
) -> Metrics:
    """Measures answers against the truth.

    The answer is the class of the greatest probability, the first of them where several are equal.
    Intervals take the pictures as drawn independently from what the model will meet.

    Args:
        probabilities: Shape (n, k), each in [0, 1].
        labels: The true class of each picture, shape (n,), in 0..k-1.
        class_names: k names, in the order of the columns.
        seed: For the interval of the calibration error, the only one that is simulated.

    Raises:
        ValueError: Where shapes or ranges do not hold.
    """
    probabilities = np.asarray(probabilities, np.float64)
    labels = np.asarray(labels, np.int64)
    names = tuple(class_names)
    _check(probabilities, labels, names)
    n = len(labels)

    predicted = probabilities.argmax(1) if n else labels
    counts = confusion_counts(labels, predicted, len(names))
    per_class = class_metrics(counts, names)
    of_class = counts.sum(1)
    most = int(of_class.argmax())
    confidence = probabilities[np.arange(n), predicted]
    bins = calibration_bins(confidence, predicted == labels)
    return Metrics(
        accuracy=share(int(np.trace(counts)), n),
        majority_share=share(int(of_class[most]), n),
        majority_class=names[most] if n else "",
        balanced_accuracy=balanced_accuracy(per_class),
        macro_f1=macro_f1(counts, per_class),
        log_loss=skewed_mean(log_losses(probabilities, labels), upper=-math.log(1e-7)),
        brier=skewed_mean(brier_scores(probabilities, labels), upper=2.0),
        calibration_error=calibration_error(bins, seed=seed) if n else Estimate(math.nan, 0.0, 1.0, 0),
        classes=per_class,
        confusion=counts,
        calibration=bins,
    )


def _check(probabilities: NDArray[np.float64], labels: NDArray[np.int64], names: tuple[str, ...]) -> None:
    if labels.ndim != 1 or not names or probabilities.shape != (len(labels), len(names)):
        raise ValueError(
            "probabilities must have a row for each label and a column for each class name. Received: "
            f"probabilities.shape={probabilities.shape}, labels.shape={labels.shape}, k={len(names)}"
        )
    if len(set(names)) != len(names):
        raise ValueError(f"class names must differ from one another. Received: class_names={names}")
    if len(labels) == 0:
        return
    if labels.min() < 0 or labels.max() >= len(names):
        raise ValueError(
            f"labels must lie in 0..{len(names) - 1}. Received: {int(labels.min())}..{int(labels.max())}"
        )
    least, most = float(probabilities.min()), float(probabilities.max())
    # Written so that a NaN fails too; float32 sums may pass 1 by a rounding error.
    if not (least >= 0.0 and most <= 1.0 + 1e-5):
        raise ValueError(f"probabilities must lie in [0, 1]. Received: {least}..{most}")
