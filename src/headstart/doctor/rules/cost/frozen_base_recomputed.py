"""A frozen backbone is run again over the same pictures in every epoch.

What it is
    A base that is frozen and fed the same pictures gives the same features each time; only the small head
    learns. Running the base once and training the head on what it gave is the same training.

Why it hurts
    Time and energy: ten epochs cost ten passes through the base instead of one. With VGG19 on 2,000 pictures
    on two cores that is over an hour and a half of repeats.

Wrong
    model.fit(train, epochs=10)

Right
    headstart.fit(model, train, epochs=10)

How it was measured
    The time of the base and of the whole model on this machine; whether pictures reach the base the same
    twice, in the data and through the layers before it; rows and epochs of this fit.

When it is wrong
    With augmentation before the base its inputs differ from epoch to epoch: the rule looks twice and stays
    silent. One epoch repeats nothing, and a repeat of a few seconds is only mentioned.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding, Severity
from headstart.doctor.repair import edits

NAME = "frozen-base-recomputed"
GROUP = "cost"
FIXES = True

LARGE = 900.0
"""Seconds of repeated work from which it is a warning."""
MENTION = 5.0
"""Seconds from which it is mentioned."""


def check(case: Case) -> Iterable[Finding]:
    """Adds up what would be computed again."""
    fit = case.fit
    if fit is None or fit.name == "headstart.fit" or case.epochs < 2 or case.train is None:
        return
    frozen = [b for b in case.backbones if b.frozen]
    if not frozen or not case.model.trainable_variables:
        return
    rows = case.train.rows or (case.train.steps or 0) * (case.train.batch_size or 0)
    flow = case.probes.flow
    own = {id(layer) for b in frozen for layer in b.model.layers}
    nested = {id(b.model) for b in frozen}
    leaves = [p for p in flow.passes if id(p.layer) in own and id(p.layer) not in nested]
    base = sum(p.seconds for p in leaves)
    inside = {
        id(layer) for layer in case.layers if list(layer._flatten_layers(include_self=False, recursive=False))
    }
    everything = sum(
        p.seconds for p in flow.passes if id(p.layer) not in inside and p.layer is not case.model
    )
    if everything <= 0 or not rows:
        return
    share = base / everything
    again = (case.epochs - 1) * rows * flow.seconds_per_row * share
    head = flow.seconds_per_row * (1 - share) * 3
    factor = (
        case.epochs
        * (flow.seconds_per_row * share + head)
        / (flow.seconds_per_row * share + case.epochs * head)
    )
    if share < 0.5 or again < MENTION or factor < 1.5 or not case.probes.repeats.both:
        return
    place = fit.place
    severity: Severity = "warning" if again >= LARGE and factor >= 2 else "info"
    name = " and ".join(b.name for b in frozen)
    edit = None
    # headstart.fit must know the shapes beforehand: a model without an Input has none until it trains.
    if place is not None and fit.name != "headstart.fit" and fit.kind == "fit" and case.came_built:
        steps = (edits.call_through(place, "headstart.fit"), edits.add_import(place, "headstart"))
        edit = Edit("Compute the frozen features once and train the head on them", steps, safe=True)
    yield Finding(
        NAME,
        severity,
        place,
        f"the frozen {name} is run over the same {rows} rows in each of {case.epochs} epochs: about"
        f" {_time(again)} of repeated work",
        {
            "share of the base in a pass": round(share, 2),
            "seconds of a row in the base": round(flow.seconds_per_row * share, 4),
            "rows": rows,
            "epochs": case.epochs,
            "seconds that are repeats": round(again, 1),
            "times faster with the features kept": round(factor, 1),
        },
        edit=edit,
        cost=0.001,
    )


def _time(seconds: float) -> str:
    """In one digit: a second look at the same script measures it a little otherwise."""
    count, unit = (seconds / 60, "minutes") if seconds >= 120 else (seconds, "seconds")
    return f"{float(f'{count:.1g}'):.0f} {unit}"
