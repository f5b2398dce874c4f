"""A `tf.data` pipeline makes the training wait: no cache, no prefetch, one picture at a time.

What it is
    Without `prefetch` the next batch is made only when the last step is over, without `num_parallel_calls`
    by one thread, and without `cache` again in every epoch.

Why it hurts
    Time: the accelerator, or the other cores, stand idle meanwhile.

Wrong
    files.map(load).batch(32)

Right
    files.map(load, num_parallel_calls=tf.data.AUTOTUNE).cache().batch(32).prefetch(tf.data.AUTOTUNE)

How it was measured
    The time until a batch of the live pipeline comes, on this machine, against that of a step; times the
    steps and epochs of this fit.

When it is wrong
    Arrays in memory come at once, and need none of it: the rule is silent where no time is lost. Data beyond
    memory cannot be cached.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.input_cost import input_cost

NAME = "no-cache-prefetch"
GROUP = "cost"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """Looks at the steps of the pipeline, and at the clock."""
    if case.train is None or case.train.kind != "tf.data":
        return
    steps = list(pipeline(case))
    if not steps or any(event.name in ("cache", "prefetch") for event in steps):
        return
    cost = input_cost(case)
    severity = cost.severity if cost is not None else None
    if cost is None or severity is None:
        return
    last = steps[0]
    yield Finding(
        NAME,
        severity,
        last.place,
        "training waits for this pipeline, which neither caches nor prefetches",
        cost.evidence,
        explains=("image-decode-each-epoch",),
        edit=_edit(case, steps),
        cost=0.001 * cost.share,
    )


def pipeline(case: Case) -> Iterator[Event]:
    """The steps behind the training data, the last first."""
    event = case.trace.event_of(case.train.source) if case.train is not None else None
    for _ in range(64):
        if event is None or event.kind != "dataset":
            return
        yield event
        event = case.trace.event_of(event.subject)


def _edit(case: Case, steps: list[Event]) -> Edit | None:
    name = None
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.name == "tensorflow":
                        name = alias.asname or alias.name
    last = steps[0].place
    if name is None or last is None:
        return None
    done = [
        edits.set_argument(event.place, "num_parallel_calls", f"{name}.data.AUTOTUNE", 1)
        for event in steps
        if event.name == "map" and event.place is not None and "num_parallel_calls" not in event.given
    ]
    done.append(edits.wrap(last, f"{{}}.prefetch({name}.data.AUTOTUNE)"))
    return Edit("Read in parallel and ahead of the step", tuple(done), safe=True)
