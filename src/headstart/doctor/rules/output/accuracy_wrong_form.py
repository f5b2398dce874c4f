"""An accuracy of the wrong form for the labels or the output.

What it is
    Keras has four accuracies: for one probability, for one-hot labels, for class ids, and a plain one that
    asks whether two numbers are equal. One that does not fit the model at hand was named.

Why it hurts
    The number shown is not the accuracy: 0 for ever, 1 for ever, or high for a model that knows nothing.

Wrong
    model.compile("adam", "sparse_categorical_crossentropy", metrics=[keras.metrics.CategoricalAccuracy()])

Right
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])

How it was measured
    From the real labels, predictions are made of which all are right, and others of which all are wrong.
    The metric must say 1 for the first and 0 for the second.

When it is wrong
    The string "accuracy" picks the fitting form by itself, and binary accuracy of independent labels is
    right for sigmoids: neither is touched. Nor are thresholds other than one half.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.repair.loss_edits import set_metric
from headstart.doctor.views.metrics import ACCURACIES, AUTO, PLAIN, Metric, metrics_of
from headstart.doctor.views.targets import BINARY, CATEGORICAL, SPARSE, Array, Target, one_target

NAME = "accuracy-wrong-form"
GROUP = "output"
FIXES = True

LOSSES = (*CATEGORICAL, *SPARSE, *BINARY, "mean_squared_error", "mean_absolute_error")


def check(case: Case) -> Iterable[Finding]:
    """Tries each accuracy on made-up predictions for the real labels."""
    metrics = [metric for metric in metrics_of(case) if metric.name in ACCURACIES and metric.name != AUTO]
    target = one_target(case, *LOSSES) if metrics else None
    if target is None or not _classes(target):
        return
    for metric in metrics:
        marks = _marks(metric, target)
        if marks is None:
            continue
        right, wrong = marks
        if right is not None and right > 0.98 and wrong is not None and wrong < 0.02:
            continue
        yield Finding(
            NAME,
            "warning",
            metric.place,
            _message(metric, target, right, wrong),
            {
                "units": target.units,
                "label shape": str(target.y.shape),
                "metric of right predictions": "fails on the shapes" if right is None else round(right, 3),
                "metric of wrong predictions": "fails on the shapes" if wrong is None else round(wrong, 3),
            },
            edit=set_metric(case, metric, "Let Keras pick the accuracy", "accuracy"),
            cost=0.02,
        )


def _classes(target: Target) -> bool:
    """Whether labels, output and loss fit each other, so that only the metric can be at fault."""
    y, name = target.y, target.loss.name
    if len(y) < 4 or not target.whole_numbers or len(target.kinds) < 2:
        return False
    if target.form == "columns":
        return target.width == target.units and name not in SPARSE and target.one_hot
    if target.units == 1:
        return name not in (*CATEGORICAL, *SPARSE) and bool(np.isin(y, (0, 1)).all())
    return name in SPARSE and int(y.min()) >= 0 and int(y.max()) < target.units


def _message(metric: Metric, target: Target, right: float | None, wrong: float | None) -> str:
    if metric.name == PLAIN:
        said = "asks whether a probability equals the label to the last digit, which it never does"
    elif right is None:
        said = f"does not fit labels of shape {target.y.shape} and {target.units} units"
    elif wrong is not None and wrong > 0.02:
        said = f"shows {wrong:.2f} when every prediction is wrong"
    else:
        said = f"shows {right:.2f} when every prediction is right"
    return f"the metric {metric.name} {said}"


def _marks(metric: Metric, target: Target) -> tuple[float | None, float | None] | None:
    """What the metric says of right and of wrong predictions; None for one that is right by design."""
    if metric.name == "binary_accuracy" and (target.units == 1 or target.activation != "softmax"):
        return None
    if getattr(metric.given, "threshold", 0.5) not in (0.5, None):
        return None
    rows = target.rows[:: max(1, len(target.rows) // 4096)]
    return _mark(metric.name, rows, *_predictions(rows, target, 0)), _mark(
        metric.name, rows, *_predictions(rows, target, 1)
    )


def _predictions(rows: Array, target: Target, off: int) -> tuple[Array]:
    if target.units == 1:
        return (np.where((rows + off) % 2 == 1, 0.9, 0.1),)
    ids = rows[:, 0].astype(int) if target.form == "column" else rows.argmax(axis=1)
    made = np.full((len(rows), target.units), 0.2 / (target.units - 1))
    made[np.arange(len(rows)), (ids + off) % target.units] = 0.8
    return (made,)


def _mark(name: str, labels: Array, made: Array) -> float | None:
    """The metric as Keras computes it, of rows of labels and of predictions; None where shapes stop it."""
    if name == PLAIN:
        return float((labels == made).mean()) if labels.shape == made.shape or labels.shape[1] == 1 else None
    if name == "binary_accuracy":
        return float((labels == (made > 0.5)).mean()) if labels.shape == made.shape else None
    if name == "categorical_accuracy":
        return float((labels.argmax(axis=1) == made.argmax(axis=1)).mean())
    if labels.shape[1] != 1:
        return None
    return float((labels[:, 0] == made.argmax(axis=1)).mean())
