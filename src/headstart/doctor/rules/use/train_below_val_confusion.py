"""The training metric is below the validation metric because dropout and augmentation are on in training.

What it is
    Dropout, noise and augmentation make training rows harder; in validation they are off. The training
    metric is also a mean over the epoch, while validation is measured at its end.

Why it hurts
    It does not. It is often taken for a fault, or for a leak.

Wrong
    taking accuracy 0.85 with val_accuracy 0.90 for a fault

Right
    model.evaluate(x_train, y_train) gives the training metric as validation is measured

How it was measured
    The history of the fit that has just ended; the live layers that act in training only; and the model
    evaluated on a sample of its training rows in inference.

When it is wrong
    This is an explanation, never an accusation.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.case import Case
from headstart.doctor.records import Finding

NAME = "train-below-val-confusion"
GROUP = "use"
WHEN = "end"

RANDOM = (
    "Dropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
)
GAP = 0.02


def check(case: Case) -> Iterable[Finding]:
    """Reads the history, and measures again without what is on in training only."""
    if case.model is None or case.fit is None or case.train is None:
        return
    ends = [e for e in case.trace.of_kind("fit-end") if e.subject is case.model]
    history = getattr(ends[-1].result, "history", None) if ends else None
    if not history:
        return
    name = next((n for n in ("accuracy", "acc") if n in history and f"val_{n}" in history), None)
    if name is None:
        return
    train, held = float(history[name][-1]), float(history[f"val_{name}"][-1])
    acting = [layer for layer in case.layers if _acts(layer)]
    if held - train < GAP or not acting:
        return
    flow = case.probes.flow
    ids = case.labels
    output = to_numpy(case.model(flow.x, training=False))
    if ids is None or not isinstance(output, np.ndarray) or output.ndim != 2:
        return
    said = (output[:, 0] > 0.5).astype(int) if output.shape[1] == 1 else output.argmax(axis=1)
    plain = float((said == ids[flow.index]).mean())
    yield Finding(
        NAME,
        "info",
        case.fit.place,
        f"{name} below val_{name} is no fault here: {type(acting[0]).__name__} acts in training only",
        {
            name: round(train, 3),
            f"val_{name}": round(held, 3),
            f"{name} on training rows, measured as validation is": round(plain, 3),
            "rows": len(said),
        },
    )


def _acts(layer: object) -> bool:
    kind = type(layer).__name__
    return (kind in RANDOM and bool(getattr(layer, "rate", getattr(layer, "stddev", 0)))) or kind.startswith(
        "Random"
    )
