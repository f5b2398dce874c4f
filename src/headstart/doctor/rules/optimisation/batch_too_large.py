"""A batch of nearly all rows, so that an epoch makes one to three updates.

What it is
    `batch_size` is so large against the number of rows that each epoch takes hardly a step.

Why it hurts
    The whole run makes as many updates as it has epochs and gets nowhere; the same number of epochs with a
    usual batch learns the task.

Wrong
    model.fit(x, y, batch_size=len(x), epochs=20)

Right
    model.fit(x, y, batch_size=32, epochs=20)

How it was measured
    The planned updates are made on the user's rows, then those of as many epochs in batches of 32, on the
    live model that is put back; both are measured on rows kept apart.

When it is wrong
    Full batches with enough epochs, and losses that compare rows with each other, do well or are not of the
    kind that the rule can measure: it is silent.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.optimisation import _settings as settings
from headstart.doctor.rules.optimisation._slow import slow, suspected

NAME = "batch-too-large"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("loss-not-falling", "epochs-too-few")


def check(case: Case) -> Iterable[Finding]:
    """Speaks where smaller batches alone make the planned epochs worth while."""
    if case.optimizer is None or not suspected(case):
        return
    found = slow(case)
    if found.kind != "batch" or found.own is None or found.cure is None or case.fit is None:
        return
    place = case.fit.place
    size = case.train.batch_size if case.train is not None else None
    edit = None
    if place is not None:
        edit = Edit("Train in batches of 32", (edits.set_argument(place, "batch_size", "32", 2),))
    yield Finding(
        NAME,
        "info" if found.gentle else "warning",
        place,
        f"batches of {size} make {case.probes.lab.plan} updates in {case.epochs} epochs, too few to learn",
        {
            "batch size": size,
            "planned updates": case.probes.lab.plan,
            "loss of a constant answer": round(found.own.guess, 4),
            "loss after the planned updates": round(found.own.end, 4),
            "loss after as many epochs in batches of 32": round(found.cure.end, 4),
        },
        EXPLAINS,
        edit,
        cost=min(1.0, settings.percent(found.cure.explained - max(0.0, found.own.explained))),
    )
