"""Why a run comes to nothing although nothing is broken: too few, too small, or too plain steps.

Four rules share one answer, so that one fault has one name: the first change that cures is the fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.lab import Lab
from headstart.doctor.probes.runs import Run
from headstart.doctor.rules.optimisation import _settings as settings
from headstart.doctor.views.model import activation_of

Kind = Literal["rate", "optimiser", "batch", "epochs", "none"]

POOR = 0.25
"""A planned run that takes away less than this share of the loss of guessing comes to little."""
NOTHING = 0.15
"""And less than this, to nothing: what lies between gets advice only."""
GOOD = 0.5
"""A cure must take away at least this share."""
GAIN = 0.4
"""And so much more than the planned run."""
PLAIN = {"SGD": 0.0101, "Adadelta": 0.0101, "Adagrad": 0.00101, "Ftrl": 0.00101}
"""Optimizers whose default rate is small for what they do; up to these rates."""


@dataclass(frozen=True)
class Slow:
    """What cures a run that comes to nothing.

    Attributes:
        kind: What to change; "none" where nothing is wrong, or no change helps.
        own: The planned run.
        cure: The run with the change.
        value: The better rate, optimizer text, batch size or number of epochs.
        gentle: Whether the proof is too weak for more than advice.
        ease: How much weaker the cure may be, where the setting is plainly unusual.
    """

    kind: Kind
    own: Run | None = None
    cure: Run | None = None
    value: Any = None
    gentle: bool = False
    ease: float = 0.0


def slow(case: Case) -> Slow:
    """The shared answer, worked out once."""
    lab = case.probes.lab
    if "slow" not in lab.facts:
        # A second rule that asks after a failed measurement gets the same silence.
        lab.facts["slow"] = Slow("none")
        lab.facts["slow"] = _look(case, lab)
    answer: Slow = lab.facts["slow"]
    return answer


def suspected(case: Case) -> bool:
    """Whether settings alone leave room for doubt; costs nothing."""
    rate, optimizer = case.rate, settings.inner(case.optimizer)
    if rate is None or rate <= 0 or case.fit is None or case.fit.kind != "fit" or case.train is None:
        return False
    from headstart.doctor.probes.planned import planned_updates

    plan = planned_updates(case)
    if plan is None or settings.rate_moves(case) or not settings.fresh(case):
        return False
    if type(optimizer).__name__ not in settings.BOUNDED or rate < 0.4 * settings.usual_rate(optimizer):
        return True
    # Each weight can travel no further than this in the whole run.
    travel = rate * plan
    spread = settings.spread_of_targets(case) or 0.0
    return travel < 0.25 or travel < 0.3 * spread or case.epochs <= 3


def _look(case: Case, lab: Lab) -> Slow:
    if not suspected(case):
        return Slow("none")
    rate, plan = case.rate, lab.plan
    if rate is None or plan is None:
        return Slow("none")
    own = lab.planned()
    if own.at_start > 0.2:
        # It begins better than a constant answer: it has learned before.
        return Slow("none")
    if own.explained >= POOR or own.fitted >= 0.4:
        return _still_falling(case, own)
    if settings.unscaled_input(case):
        try:
            if _cures(lab.run(steps=min(plan, lab.room), standardised=True), own):
                return Slow("none")
        except ProbeError:
            return Slow("none")
    fits: Slow | None = None
    try:
        for cure in _cures_in_turn(case, lab, own, rate, plan):
            if cure.cure is None:
                continue
            if _cures(cure.cure, own, cure.ease):
                return replace(cure, gentle=cure.gentle or own.explained > NOTHING or _odd_loss(case))
            if (
                cure.kind == "optimiser"
                and cure.cure.finite
                and cure.cure.fitted > max(own.fitted, 0.0) + GAIN
            ):
                fits = fits or replace(cure, gentle=True)
    except ProbeError:
        # No time for further cures: what was found stands.
        pass
    # Learning by heart only is no proof that the task would be learned, but plain steps do not even do that.
    return fits or Slow("none")


def _odd_loss(case: Case) -> bool:
    """Whether classes are learned by a distance: its small gradients are then the first thing to mend."""
    last = case.probes.flow.last
    ends = activation_of(last) if last is not None else None
    loss = case.loss
    return (
        loss is not None
        and not loss.crossentropy
        and ends in ("softmax", "sigmoid")
        and case.labels is not None
    )


def _cures(other: Run, own: Run, ease: float = 0.0) -> bool:
    gain = other.explained - max(own.explained, -0.5)
    return other.finite and other.explained >= GOOD - ease and gain >= GAIN - ease


def _cures_in_turn(case: Case, lab: Lab, own: Run, rate: float, plan: int) -> Iterator[Slow]:
    optimizer = settings.inner(case.optimizer)
    usual = settings.usual_rate(optimizer)
    kind = type(optimizer).__name__
    default = settings.default_rate(optimizer)
    steps = min(plan, lab.room)
    small = rate < 0.4 * usual
    plain = kind in PLAIN and rate <= PLAIN[kind] and not (getattr(optimizer, "momentum", 0) or 0)
    low = small and (default is None or rate < 0.4 * default)
    if low:
        for factor in (10, 100, 1000, 10000):
            if rate * factor <= 100 * usual:
                run = lab.run(rate=rate * factor, steps=steps)
                yield Slow("rate", own, run, rate * factor, gentle=plan < 20, ease=0.2)
    if plain:
        for other in _other_optimisers(lab, own, steps, kind):
            yield replace(other, gentle=plan < 60)
    if _full_batches(case, lab):
        count = min(lab.room, case.epochs * max(1, (case.train.rows or 0) // 32))  # type: ignore[union-attr]
        yield Slow("batch", own, lab.run(steps=count, batch_size=32), 32, gentle=case.epochs < 10)
    if case.epochs <= 5 and plan < 100:
        # So few updates are a try-out: worth a word, no more.
        yield _more_epochs(case, lab, own, plan, gentle=True)
        return
    if case.epochs <= 5:
        yield _more_epochs(case, lab, own, plan, gentle=False)
    if not low and not plain:
        far = (settings.spread_of_targets(case) or 0.0) > 30
        for factor in (10, 100):
            run = lab.run(rate=rate * factor, steps=steps)
            yield Slow("rate", own, run, rate * factor, gentle=far or plan < 50)
    if case.epochs > 5:
        yield _more_epochs(case, lab, own, plan, gentle=plan < 100)


def _other_optimisers(lab: Lab, own: Run, steps: int, kind: str) -> Iterator[Slow]:
    import keras

    for rate in (0.001, 0.01):
        run = lab.run(keras.optimizers.Adam(rate), key="adam", steps=steps)
        yield Slow("optimiser", own, run, "Adam()" if rate == 0.001 else "Adam(learning_rate=0.01)")
    if kind == "SGD":
        run = lab.run(keras.optimizers.SGD(0.01, momentum=0.9), key="momentum", steps=steps)
        yield Slow("optimiser", own, run, "SGD(learning_rate=0.01, momentum=0.9)")


def _full_batches(case: Case, lab: Lab) -> bool:
    train = case.train
    if train is None or train.kind != "arrays" or not train.rows or lab.plan is None:
        return False
    return train.rows >= 200 and lab.plan <= 3 * case.epochs and (train.batch_size or 0) > 64


def _more_epochs(case: Case, lab: Lab, own: Run, plan: int, gentle: bool) -> Slow:
    times = min(20, lab.room // max(1, plan))
    if times < 3:
        return Slow("none")
    run = lab.run(steps=plan * times)
    return Slow("epochs", own, run, case.epochs * times, gentle=gentle)


def _still_falling(case: Case, own: Run) -> Slow:
    """Advice for a run of very few epochs whose loss is still on its way down at the end."""
    if case.epochs > 3 or len(own.losses) < 16:
        return Slow("none")
    quarter = len(own.losses) // 4
    before = sum(own.losses[-2 * quarter : -quarter]) / quarter
    after = sum(own.losses[-quarter:]) / quarter
    if before - after > 0.05 * before:
        return Slow("epochs", own, None, max(10, 5 * case.epochs), gentle=True)
    return Slow("none")
