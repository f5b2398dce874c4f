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
    Behind a sigmoid or tanh, the rate times the steps bounds what the output can become. Otherwise the
    script's run is made on a sample: it ends no better than answering the mean, while the same steps on
    targets of mean 0 and spread 1 explain most of the variance.

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
from headstart.doctor.probes.heads import Head
from headstart.doctor.probes.lab import Lab
from headstart.doctor.probes.planned import planned_updates
from headstart.doctor.probes.untouched import value_of
from headstart.doctor.records import Finding, Place
from headstart.doctor.views.head_losses import is_regression, out_of_reach
from headstart.doctor.views.model import activation_of

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
LONGER = 30.0
"""A run that is longer by more than this than the one that is tried is not judged."""
STEPS = 200
"""Steps that are tried."""
STEADY = ("Adam", "AdamW", "Adamax", "Nadam", "RMSprop")
"""Optimizers whose steps are no longer than the rate, whatever the gradient."""


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
    place = case.fit.place if case.fit is not None else None
    told: dict[str, Any] = {"mean of the targets": round(mean, 4), "their spread": round(spread, 4)}
    reach = _reach(case, head)
    if reach is not None and head.y is not None:
        lost = out_of_reach(head.y, -reach, reach)[1]
        if lost >= MOSTLY:
            told["the output gets no further from 0 than"] = round(reach, 3)
            told["share of the variance that it cannot reach"] = round(min(1.0, lost), 3)
            yield _finding(
                place, mean, spread, "the steps of this run cannot take the output there", told, 1.0
            )
            return
    lab = case.probes.lab
    if not lab.split or lab.plan is None or not case.rate:
        return
    # A run longer than is tried is made shorter at a higher rate, which goes as far.
    steps = min(lab.plan, lab.room, STEPS)
    squeezed = lab.plan / steps
    if squeezed > LONGER:
        return
    rate = case.rate * squeezed if squeezed > 1 else None
    own = lab.run(rate=rate, steps=steps).explained
    if own >= NOWHERE:
        return
    other = _explained(case, lab, mean, spread, rate, steps)
    if other < MOSTLY or (rate is not None and lab.run(steps=steps).explained >= NOWHERE):
        return
    told["steps tried"] = steps
    told["share of the loss explained"] = round(max(own, -1.0), 3)
    told["with targets of mean 0 and spread 1"] = round(other, 3)
    yield _finding(place, mean, spread, "the run ends no nearer than their mean", told, other)


def _finding(
    place: Place | None, mean: float, spread: float, said: str, told: dict[str, Any], cost: float
) -> Finding:
    size = max(abs(mean), spread)
    message = f"the targets are about {size:.3g} in size, and {said}"
    return Finding(NAME, "warning", place, message, told, EXPLAINS, cost=min(1.0, cost))


def _reach(case: Case, head: Head) -> float | None:
    """How far from 0 the output can get in the planned steps; None where nothing bounds it.

    The steps of Adam and its kin are about as long as the rate, and behind a sigmoid or tanh the output is
    no more than the sum of the last weights.
    """
    optimizer = getattr(case.optimizer, "inner_optimizer", case.optimizer)
    plan = planned_updates(case)
    layer = head.layer
    if type(optimizer).__name__ not in STEADY or plan is None or not case.rate:
        return None
    if type(layer).__name__ != "Dense" or head.activation != "linear" or head.entered is None:
        return None
    makers = [p.layer for p in case.probes.flow.passes if _same(p.output, head.entered)]
    if not any(activation_of(maker) in ("sigmoid", "tanh", "hard_sigmoid", "softsign") for maker in makers):
        return None
    fan_in = head.entered.shape[-1]
    start = float(np.abs(value_of(layer.kernel)).sum(axis=0).max()) + float(np.abs(head.output).max())
    # Three times the rate: the first steps of RMSprop are that long, and no step of Adam is on average.
    return float(start + 3 * plan * case.rate * (fan_in + 1))


def _same(one: Any, other: Any) -> bool:
    return one is not None and one.shape == other.shape and bool(np.array_equal(one, other))


def _explained(case: Case, lab: Lab, mean: float, spread: float, rate: float | None, steps: int) -> float:
    import keras

    run = lab.run(
        rate=rate, steps=steps, change=_scaled(case, mean, spread), key="target-scaled", retrace=True
    )
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
