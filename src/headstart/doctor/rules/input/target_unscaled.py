"""A regression target in such large units that the run cannot get there.

What it is
    The targets lie in the hundreds or millions while the net starts near 0, and every step is about as long
    as the rate allows.

Why it hurts
    With Adam or RMSprop the predictions creep up by a hair a step and the run ends before they arrive;
    with plain SGD the first gradients are so large that the loss explodes.

Wrong
    model.fit(x, price, epochs=20)

Right
    mean, spread = price.mean(), price.std()
    model.fit(x, (price - mean) / spread, epochs=20)
    prices = model.predict(x_new) * spread + mean

How it was measured
    The script's own run is made on a sample, with as many steps: it ends no better than answering the
    mean. The same steps on targets of mean 0 and spread 1 explain most of the variance.

When it is wrong
    Large units that the run does reach are no fault: the rule tries the run, and a longer one than fits is
    made at a higher rate. Bounded outputs have a rule of their own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.head_losses import is_regression
from headstart.doctor.probes.lab import Lab
from headstart.doctor.records import Finding

NAME = "target-unscaled"
GROUP = "input"
FIXES = False

EXPLAINS = (
    "loss-not-falling",
    "rate-too-low",
    "rate-too-high",
    "epochs-too-few",
    "loss-nan",
    "optimiser-default-weak",
)

LARGE = 20.0
"""Targets whose mean or spread is below this are reached soon enough."""
NOWHERE = 0.05
"""Share of the loss of a constant answer below which a run got nowhere."""
MOSTLY = 0.5
"""And above which the scaled run did well."""
LONGER = 20
"""A run that is longer by more than this than the one that fits is not judged."""


def check(case: Case) -> Iterable[Finding]:
    """Raises the suspicion from the targets, and tries the run both ways."""
    if case.loss is None or not case.loss.builtin:
        return
    heads = case.probes.heads.each
    if (
        len(heads) != 1
        or heads[0].activation not in ("linear", "leaky_relu", "elu")
        or not is_regression(heads[0])
    ):
        return
    head = heads[0]
    numbers = head.numbers
    mean, spread = float(numbers.mean()), float(numbers.std())
    if max(abs(mean), spread) < LARGE or spread <= 0:
        return
    lab = case.probes.lab
    if not lab.split or lab.plan is None or lab.plan > LONGER * lab.room:
        return
    steps = min(lab.plan, lab.room)
    own = lab.run(steps=steps).explained
    if own < NOWHERE and not lab.whole_plan:
        own = max(own, lab.planned().explained)
    if own >= NOWHERE:
        return
    other = _explained(case, lab, mean, spread, steps)
    if other < MOSTLY:
        return
    place = case.fit.place if case.fit is not None else None
    yield Finding(
        NAME,
        "warning",
        place,
        f"the targets are about {_size(mean, spread):.3g} in size, and the run ends no nearer"
        " than their mean",
        {
            "mean of the targets": round(mean, 4),
            "their spread": round(spread, 4),
            "steps tried": steps,
            "share of the loss explained": round(max(own, -1.0), 3),
            "with targets of mean 0 and spread 1": round(other, 3),
        },
        EXPLAINS,
        cost=min(1.0, other),
    )


def _size(mean: float, spread: float) -> float:
    return max(abs(mean), spread)


def _explained(case: Case, lab: Lab, mean: float, spread: float, steps: int) -> float:
    import keras

    run = lab.run(steps=steps, change=_scaled(case, mean, spread), key="target-scaled", retrace=True)
    y = ((np.asarray(lab.held[1], dtype=np.float32) - mean) / spread).reshape(lab.held_rows, -1)
    assert case.loss is not None
    given = case.loss.given
    function = keras.losses.get(given) if isinstance(given, str) else given
    best = np.median(y, axis=0) if case.loss.name == "mean_absolute_error" else y.mean(axis=0)
    answer = np.broadcast_to(best, y.shape).astype(np.float32)
    guess = float(np.mean(keras.ops.convert_to_numpy(function(y, answer))))
    return 1 - run.end / guess if guess > 0 and run.finite else float("-inf")


def _scaled(case: Case, mean: float, spread: float) -> Callable[[], Any]:
    """Meanwhile, the loss sees targets of mean 0 and spread 1."""
    model = case.model

    @contextlib.contextmanager
    def change() -> Iterator[None]:
        import keras

        own = type(model).compute_loss

        def compute_loss(
            x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
        ) -> Any:
            y = (keras.ops.cast(y, "float32") - mean) / spread
            return own(model, x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)

        object.__setattr__(model, "compute_loss", compute_loss)
        try:
            yield
        finally:
            object.__delattr__(model, "compute_loss")

    return change
