"""A schedule that brings the rate to nothing long before training ends.

What it is
    `ExponentialDecay(0.01, decay_steps=10, decay_rate=0.5)` halves the rate every ten updates, not every ten
    epochs: after a hundred updates a thousandth is left.

Why it hurts
    From then on nothing moves; the rest of the epochs is wasted, and the model stays where it was.

Wrong
    ExponentialDecay(0.01, decay_steps=10, decay_rate=0.5)

Right
    ExponentialDecay(0.01, decay_steps=10 * steps_per_epoch, decay_rate=0.5)

How it was measured
    The schedule is read at every planned update. Where it falls below a hundredth of its highest rate in the
    first third of the run and stays there, the model is trained on the user's rows under the schedule and at
    that highest rate; both are measured on rows kept apart.

When it is wrong
    A decay to nothing at the very end, a warm-up, or restarts are as they should be.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes.planned import planned_updates
from headstart.doctor.records import Finding
from headstart.doctor.rules.optimisation import _settings as settings

NAME = "schedule-kills-rate"
GROUP = "optimisation"

EXPLAINS = ("loss-not-falling", "epochs-too-few", "rate-too-low")


def check(case: Case) -> Iterable[Finding]:
    """Reads the schedule over the planned updates, and trains with and without it."""
    if case.fit is None or case.fit.kind != "fit" or case.optimizer is None:
        return
    plan = planned_updates(case)
    if plan is None or plan < 20:
        return
    rates, source = _rates(case, plan)
    if rates is None or not np.isfinite(rates).all() or rates.max() <= 0:
        return
    alive = np.flatnonzero(rates >= 0.01 * rates.max())
    last = int(alive[-1]) + 1
    if last > plan / 3:
        return
    lab = case.probes.lab
    if last > lab.room / 2 or not settings.fresh(case):
        return
    highest = float(rates.max())
    # What comes after `last` moves by less than a hundredth; the steps before it are the whole run.
    mean = float(rates[:last].mean())
    own = lab.run(rate=mean, steps=last)
    on = lab.run(rate=highest, steps=min(plan, lab.room))
    if not on.finite or on.explained < 0.3 or on.explained - max(own.explained, -0.5) < 0.2:
        return
    yield Finding(
        NAME,
        "warning",
        source,
        f"the schedule brings the rate to nothing after {last} of {plan} updates",
        {
            "planned updates": plan,
            "updates until a hundredth of the highest rate is left": last,
            "highest rate": float(f"{highest:.4g}"),
            "rate at the end": float(f"{rates[-1]:.4g}"),
            "loss of a constant answer": round(own.guess, 4),
            "loss where the schedule stops": round(own.end, 4),
            f"loss after {on.steps} updates at the highest rate": round(on.end, 4),
        },
        EXPLAINS,
        cost=min(1.0, settings.percent(on.explained - max(0.0, own.explained))),
    )


def _rates(case: Case, plan: int) -> tuple[Any, Any]:
    """The rate at evenly spread updates of the run, one for each update up to the first thousands."""
    import keras

    points = np.unique(np.concatenate([np.arange(min(plan, 300)), np.linspace(0, plan - 1, 200).astype(int)]))
    schedule = settings.schedule_of(case)
    if schedule is not None:
        values = [
            float(keras.ops.convert_to_numpy(schedule(keras.ops.convert_to_tensor(int(i))))) for i in points
        ]
        place = case.place_of(schedule) or settings.rate_place(case)
        return np.interp(np.arange(plan), points, values), place
    for one in settings.callbacks(case):
        if type(one).__name__ == "LearningRateScheduler" and case.rate:
            return _by_epoch(one, case, plan), case.place_of(one) or settings.rate_place(case)
    return None, None


def _by_epoch(callback: Any, case: Case, plan: int) -> Any:
    per_epoch = max(1, plan // max(1, case.epochs))
    rate = case.rate or 0.0
    found = []
    for epoch in range(case.epochs):
        try:
            rate = float(callback.schedule(epoch, rate))
        except TypeError:
            rate = float(callback.schedule(epoch))
        found += [rate] * per_epoch
    return np.asarray(found[:plan] + [rate] * max(0, plan - len(found)))
