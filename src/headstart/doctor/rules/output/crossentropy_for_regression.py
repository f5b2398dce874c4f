"""Cross-entropy on continuous targets.

What it is
    The targets are measurements, such as prices or temperatures, but the loss is a cross-entropy, which
    is made for classes and probabilities.

Why it hurts
    The loss goes below zero, sticks or is 0, and the answers mean nothing.

Wrong
    model.add(Dense(1, activation="sigmoid"))
    model.compile("adam", loss="binary_crossentropy")  # y: 21.6, 34.7 ...

Right
    model.add(Dense(1))
    model.compile("adam", loss="mse")

How it was measured
    The targets take many different values, of which many are no whole numbers, and they leave the range
    from 0 to 1 that a cross-entropy can reach. Under the loss for class ids, fractions are enough.

When it is wrong
    Soft labels and pixels of an autoencoder lie between 0 and 1, and one-hot rows times a reward are how
    policies are trained: all of them are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.views.metrics import measures
from headstart.doctor.views.targets import BINARY, CATEGORICAL, SPARSE, Target, one_target

NAME = "crossentropy-for-regression"
GROUP = "output"
FIXES = False

EXPLAINS = (
    "categorical-loss-one-column",
    "label-out-of-range",
    "bounded-output-wide-target",
    "logits-without-flag",
    "relu-output-signed-target",
    "relu-output-classes",
    "softmax-one-unit",
    "accuracy-on-regression",
    "accuracy-wrong-form",
    "loss-nan",
    "loss-not-falling",
    "units-not-classes",
)


def check(case: Case) -> Iterable[Finding]:
    """Looks at the values of the targets."""
    target = one_target(case, *CATEGORICAL, *SPARSE, *BINARY)
    if target is None or len(target.y) < 4 or not np.isfinite(target.y).all() or _rebuilds(case):
        return
    y = target.y.astype(np.float64)
    kinds = len(target.kinds)
    fractions = float((y != np.round(y)).mean())
    outside = float(((y < -0.01) | (y > 1.01)).mean())
    # Grades such as 1 to 5 are numbers where the script itself measures distances on them.
    graded = target.form == "column" and target.units == 1 and kinds > 2 and outside > 0.2 and measures(case)
    if not graded and not _continuous(target, kinds, fractions, outside):
        return
    yield Finding(
        NAME,
        "error",
        case.compile.place if case.compile is not None else None,
        f"the targets are {'numbers' if graded else 'continuous'}, from {y.min():.4g} to {y.max():.4g}, but"
        f" {target.loss.name} is made for classes",
        {
            "different targets": kinds,
            "lowest target": float(y.min()),
            "highest target": float(y.max()),
            "share of targets that are no whole number": round(fractions, 3),
            "share of targets outside 0 to 1": round(outside, 3),
        },
        EXPLAINS,
        cost=1.0,
    )


def _continuous(target: Target, kinds: int, fractions: float, outside: float) -> bool:
    n = target.y.size
    many = kinds > 20 or (kinds >= 5 and kinds >= 0.9 * n)
    if not many:
        return False
    name = target.loss.name
    if target.form == "column":
        if target.units > 1:
            return name in SPARSE and fractions > 0.05 and kinds > target.units + 1
        counted = fractions == 0 and outside > 0.05 and target.y.ndim <= 2
        if name in BINARY:
            return counted or (outside > 0.01 and fractions > 0.05)
        return counted or fractions > 0.05
    if target.width != target.units or name in SPARSE or outside < 0.05 or fractions < 0.05:
        return False
    # One number a row is a class times a reward.
    return float(((target.rows != 0).sum(axis=1) > 1).mean()) > 0.5


def _rebuilds(case: Case) -> bool:
    """Whether the targets are the inputs, or pictures of their shape: how those are scaled is not for us."""
    x = case.train.x if case.train is not None else None
    y = case.train.y if case.train is not None else None
    if not isinstance(x, np.ndarray) or not isinstance(y, np.ndarray) or x.shape != y.shape:
        return False
    return y.ndim > 2 or np.array_equal(x, y)
