"""Gradients are clipped to nothing.

What it is
    `clipnorm`, `clipvalue` or `global_clipnorm` of the optimizer is so small that what is left of a
    gradient moves no weight.

Why it hurts
    Every step is as short as the clip allows. Nothing is learned, without a word from Keras.

Wrong
    SGD(learning_rate=0.01, clipnorm=1e-8)

Right
    SGD(learning_rate=0.01, clipnorm=1.0)

How it was measured
    The gradient of a batch is more than a thousand times longer than the clip; and of two short runs from the
    script's own weights, the one with the clip goes nowhere while the one without it learns.

When it is wrong
    With Adam the length of a gradient hardly matters, and differential privacy clips on purpose, though not
    to
    nothing: the rule asks the two runs. A clip of exactly 0 is ignored by Keras: a remark.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits

NAME = "clip-zero"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("loss-not-falling", "rate-too-low", "vanishing-gradient", "optimiser-default-weak")

CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")
TINY = 1e-3
"""Only a clip below this share of the gradient is looked into."""
STILL = 0.02
"""A share of the loss below which a run went nowhere."""
LEARNED = 0.2
"""And one from which it learned."""


def check(case: Case) -> Iterable[Finding]:
    """Compares the clip with the gradient, then two runs."""
    optimizer = getattr(case.optimizer, "inner_optimizer", case.optimizer)
    name = next((n for n in CLIPS if getattr(optimizer, n, None) is not None), None)
    if name is None:
        return
    clip = float(getattr(optimizer, name))
    place = case.place_of(optimizer) or (case.compile.place if case.compile is not None else None)
    if clip <= 0:
        yield Finding(
            NAME, "info", place, f"{name}={clip:g} clips nothing: Keras takes no notice of it", {name: clip}
        )
        return
    gradients = case.probes.gradients
    length = gradients.total
    if not length or clip > TINY * length:
        return
    lab = case.probes.lab
    own, free = lab.run(), lab.run(_without(optimizer), key="no-clip")
    kept, gained = _fall(own.losses), _fall(free.losses)
    if not own.finite or not free.finite or kept > STILL or gained < LEARNED:
        return
    yield Finding(
        NAME,
        "error",
        place,
        f"{name}={clip:g} leaves next to nothing of a gradient of length {length:.3g}, and no weight moves",
        {
            name: clip,
            "length of the gradient": round(length, 6),
            "steps": own.steps,
            "share of the loss gone after them": round(kept, 4),
            "without the clip": round(gained, 4),
        },
        EXPLAINS,
        _edit(case, optimizer, name, place),
        cost=1.0,
    )


def _without(optimizer: Any) -> Any:
    config = optimizer.get_config()
    config.update(dict.fromkeys(CLIPS))
    return type(optimizer).from_config(config)


def _fall(losses: tuple[float, ...]) -> float:
    """What share of the loss is gone, first against last tenth."""
    part = max(1, len(losses) // 10)
    first, last = sum(losses[:part]) / part, sum(losses[-part:]) / part
    return (first - last) / abs(first) if first else 0.0


def _edit(case: Case, optimizer: Any, name: str, place: Place | None) -> Edit | None:
    event = case.trace.event_of(optimizer)
    if place is None or event is None or name not in event.given or event.kind != "optimizer":
        return None
    return Edit("Clip no more than outliers", (edits.set_argument(place, name, "1.0"),), safe=True)
