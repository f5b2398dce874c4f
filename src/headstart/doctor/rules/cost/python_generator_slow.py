"""A Python generator or a `PyDataset` with one worker makes the training wait.

What it is
    A generator is run by one thread, between the steps. A `PyDataset` can use several workers, and does not
    unless it is told to.

Why it hurts
    Time: each step waits until its batch has been read and turned.

Wrong
    class Pictures(PyDataset): ...; model.fit(Pictures(files))

Right
    model.fit(Pictures(files, workers=8, max_queue_size=16))

How it was measured
    The time until a batch of the live source comes, against that of a step; times the steps and epochs of
    this fit.

When it is wrong
    A generator over arrays in memory costs next to nothing: the rule is silent where no time is lost.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.views.input_cost import input_cost

NAME = "python-generator-slow"
GROUP = "cost"


def check(case: Case) -> Iterable[Finding]:
    """Looks at the source, and at the clock."""
    train = case.train
    if train is None or train.kind not in ("generator", "pydataset") or case.fit is None:
        return
    if getattr(train.source, "workers", 1) > 1:
        return
    cost = input_cost(case)
    severity = cost.severity if cost is not None else None
    if cost is None or severity is None:
        return
    how = "give its class workers=" if train.kind == "pydataset" else "make it a PyDataset with workers="
    yield Finding(
        NAME,
        severity,
        case.place_of(train.source) or case.fit.place,
        f"training waits for this source, which one thread reads; {how}",
        cost.evidence,
        cost=0.001 * cost.share,
    )
