"""A learning rate so high that the loss leaps, or never comes down.

What it is
    The rate is the length of a step. Where it is too long for the slope, each step lands higher on the
    other side: the loss rises, jumps about, or turns into NaN, and units are thrown where no gradient
    reaches them.

Why it hurts
    The model ends no better than a constant answer, although the same model with the same number of steps
    learns the task at a lower rate.

Wrong
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=3.0), loss="mse")

Right
    model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.01), loss="mse")

How it was measured
    The user's model and optimizer are trained on the user's rows for up to 400 steps, at the given rate and
    at lower ones, from the same weights, and put back. What the loss came to at each is in the evidence; the
    gain must show on the batches trained on and on rows kept apart, for two orders of the rows.

When it is wrong
    A high rate that works (large batches, normalised nets, one cycle) passes the same trial and is left
    alone. Where inputs on a usual scale cure it at the given rate, the inputs are to blame.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.lab import Lab
from headstart.doctor.probes.runs import Run
from headstart.doctor.records import Edit, Finding
from headstart.doctor.rules.optimisation import _settings as settings

NAME = "rate-too-high"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("loss-nan", "loss-not-falling", "dead-relu", "vanishing-gradient", "exploding-gradient")
LOWER = (0.1, 0.01, 0.001, 0.0001)
"""Rates that are tried, as shares of the user's."""
FAR = 0.03
"""From this share of the user's rate down, the usual one is tried first."""
GAIN = 0.35
"""By how much more of the loss of guessing a lower rate must take away."""


def check(case: Case) -> Iterable[Finding]:
    """Trains at the user's rate, and, where that comes to nothing, at lower ones."""
    rate = case.rate
    if case.optimizer is None or rate is None or rate < 2 * settings.usual_rate(case.optimizer):
        return
    if settings.rate_moves(case):
        return
    lab = case.probes.lab
    steps = settings.trial_steps(lab)
    own = lab.run(steps=steps)
    if own.fitted > 0.35 or (own.explained > 0.15 and rate < 10 * settings.usual_rate(case.optimizer)):
        return
    best = _best(case, lab, own, rate, steps)
    if best is None:
        return
    share, found = best
    if not _again(lab, rate, share, steps, sure=own.fitted < 0.1 and found.explained >= 0.5):
        return
    if settings.unscaled_input(case) and rate < 30 * settings.usual_rate(case.optimizer):
        try:
            scaled = lab.run(steps=steps, standardised=True)
        except ProbeError:
            return
        if _better(own, scaled):
            return
    yield _finding(case, rate, share, own, found)


def _again(lab: Lab, rate: float, share: float, steps: int, *, sure: bool) -> bool:
    """Whether another order of the rows says the same; where no time is left for it, whether it is plain."""
    try:
        own, other = lab.run(steps=steps, seed=1), lab.run(rate=rate * share, steps=steps, seed=1)
    except ProbeError:
        return sure
    return _better(own, other)


def _best(case: Case, lab: Lab, own: Run, rate: float, steps: int) -> tuple[float, Run] | None:
    """The highest of the lower rates that does clearly better, with its run."""
    found: list[tuple[float, Run]] = []
    usual = settings.usual_rate(case.optimizer) / rate
    if usual < FAR:
        # Far out, going down step by step takes the time that the proof needs.
        run = lab.run(rate=rate * usual, steps=steps)
        if _better(own, run) and run.explained >= 0.5:
            return usual, run
    for share in (*LOWER, *([usual] if usual < min(LOWER) else [])):
        run = lab.run(rate=rate * share, steps=steps)
        if _better(own, run):
            found.append((share, run))
            if len(found) == 2 and run.explained >= 0.5:
                break
        elif found:
            break
    return max(found, key=lambda pair: pair[1].fitted) if found else None


def _better(own: Run, other: Run) -> bool:
    """Whether the other run learns, and this one does not."""
    if not other.finite:
        return False
    if other.fitted - max(own.fitted, -1.0) >= GAIN and other.fitted >= 0.3:
        return other.explained >= 0.1 and other.explained - max(own.explained, -1.0) >= GAIN * 0.6
    # From weights that start far out, even a good rate needs long to get below guessing.
    leaps = not own.finite or own.tail > 3 * own.losses[0]
    return leaps and other.tail < 0.5 * other.losses[0] and other.end < 0.6 * other.start


def _finding(case: Case, rate: float, share: float, own: Run, found: Run) -> Finding:
    lower = rate * share
    steps = settings.set_rate(case, lower)
    lost = not np.isfinite(own.losses).all()
    what = (
        f"the loss is no number after {len(own.losses)} steps"
        if lost
        else "the loss leaps"
        if own.tail > 2 * own.losses[0]
        else "the loss does not come down"
    )
    evidence = {
        "learning rate": float(f"{rate:.4g}"),
        "steps taken": len(own.losses),
        "loss at first": round(own.losses[0], 4),
        "loss at last": round(own.tail, 4) if np.isfinite(own.tail) else "not finite",
        "a lower rate that was tried": float(settings.rate_text(lower)),
        "loss at last at that rate": round(found.tail, 4),
        "loss of a constant answer": round(own.guess, 4),
    }
    if own.accuracy is not None and found.accuracy is not None:
        evidence["accuracy"] = round(own.accuracy, 3)
        evidence["accuracy at the lower rate"] = round(found.accuracy, 3)
    return Finding(
        NAME,
        "error" if not own.finite or own.fitted < 0.1 else "warning",
        settings.rate_place(case),
        f"at a learning rate of {rate:g} {what}; at {settings.rate_text(lower)} the same model learns",
        evidence,
        EXPLAINS,
        Edit(f"Lower the learning rate to {settings.rate_text(lower)}", steps) if steps else None,
        cost=min(1.0, max(0.0, found.fitted - max(own.fitted, 0.0))),
    )
