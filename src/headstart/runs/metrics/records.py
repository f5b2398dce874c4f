"""What measuring hands on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.core.numbers import Estimate


@dataclass(frozen=True)
class ClassMetrics:
    """How one class fared.

    Attributes:
        name: The class.
        precision: Share of the pictures given this class that are of it; n is how many were given it.
        recall: Share of the pictures of this class that were found; n is how many there are.
        f1: Harmonic mean of the two; n is how many pictures are of the class, were given it, or both.
    """

    name: str
    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True)
class CalibrationBin:
    """Pictures of about the same confidence.

    Attributes:
        confidence: Mean probability of the class that was chosen.
        accuracy: Share of these pictures for which the choice was right.
    """

    confidence: float
    accuracy: Estimate


@dataclass(frozen=True)
class CurvePoint:
    """One point of the accuracy as a function of training pictures.

    Attributes:
        n_train: How many pictures the head was trained on.
        accuracy: Accuracy on pictures that it was not trained on.
    """

    n_train: int
    accuracy: Estimate

    def as_dict(self) -> dict[str, object]:
        """The form of `metrics.json`."""
        return {"n_train": self.n_train, "accuracy": self.accuracy.as_dict()}


@dataclass(frozen=True)
class Metrics:
    """How good the answers on n pictures of k classes are.

    Attributes:
        accuracy: Share of right answers (Wilson's interval).
        majority_share: Share of the most frequent class: the accuracy of always answering it.
        majority_class: That class; empty where there are no pictures.
        balanced_accuracy: Mean recall over the classes that have pictures.
        macro_f1: Mean F1 over the classes that have pictures or were answered.
        log_loss: Mean negative logarithm of the true class's probability, clipped to
            [1e-7, 1] (Keras's own bound, so that one certain wrong answer costs 16.1 and not infinity).
        brier: Mean over pictures of the squared distance between the probabilities and the truth,
            summed over classes: 0 is perfect, 2 the worst.
        calibration_error: Expected calibration error of the top label; `calibration` holds its bins.
        classes: Precision, recall and F1 of each class.
        confusion: Counts, shape (k, k), int64; rows are true classes, columns predicted ones.
        calibration: Bins of equal mass, ascending in confidence.
    """

    accuracy: Estimate
    majority_share: Estimate
    majority_class: str
    balanced_accuracy: Estimate
    macro_f1: Estimate
    log_loss: Estimate
    brier: Estimate
    calibration_error: Estimate
    classes: tuple[ClassMetrics, ...]
    confusion: NDArray[np.int64]
    calibration: tuple[CalibrationBin, ...]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes in the order of the confusion's rows and columns."""
        return tuple(one.name for one in self.classes)

    def as_dict(self) -> dict[str, object]:
        """The form of `metrics.json`: each metric as value, low, high and n; no number is null."""
        return {
            "accuracy": self.accuracy.as_dict(),
            "majority_share": self.majority_share.as_dict(),
            "majority_class": self.majority_class,
            "balanced_accuracy": self.balanced_accuracy.as_dict(),
            "macro_f1": self.macro_f1.as_dict(),
            "log_loss": self.log_loss.as_dict(),
            "brier": self.brier.as_dict(),
            "calibration_error": self.calibration_error.as_dict(),
            "classes": {
                one.name: {
                    "precision": one.precision.as_dict(),
                    "recall": one.recall.as_dict(),
                    "f1": one.f1.as_dict(),
                }
                for one in self.classes
            },
            "confusion": {
                "rows": "true",
                "columns": "predicted",
                "class_names": list(self.class_names),
                "counts": self.confusion.tolist(),
            },
            "calibration": [
                {"confidence": one.confidence, "accuracy": one.accuracy.as_dict()} for one in self.calibration
            ],
        }
