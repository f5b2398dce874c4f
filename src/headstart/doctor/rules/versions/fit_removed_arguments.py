"""`fit` or its kin gets workers=, use_multiprocessing= or max_queue_size=, which Keras 3 removed.

What it is
    These arguments steered how a generator was read. In Keras 3 they belong to the constructor of
    `PyDataset`; the methods of the model do not take them any more.

Why it hurts
    The call raises a TypeError before the first step. Under Keras 2 they had no effect on arrays and on
    `tf.data`, so what the script meant to speed up was never made faster.

Wrong
    model.fit(dataset, epochs=10, workers=10)

Right
    model.fit(dataset, epochs=10)

How it was measured
    The live method's signature is asked whether it takes the argument. The doctor takes it out and goes on.

When it is wrong
    A subclass may take such an argument in a `fit` of its own, and tf_keras 2 still does: the rule looks at
    the signature, not at the name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.capture.patches.removed import WORKERS
from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits

NAME = "fit-removed-arguments"
GROUP = "versions"
WHEN = "always"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """One finding a call, with all of its removed arguments."""
    calls: dict[Any, list[Event]] = {}
    for event in case.trace.of_kind("removed-argument"):
        if event.name in WORKERS and event.place is not None:
            calls.setdefault(event.place, []).append(event)
    for place, events in calls.items():
        names = [event.name for event in events]
        method = str(events[0].arguments["method"])
        listed = ", ".join(f"{name}=" for name in names)
        evidence: dict[str, Any] = {event.name: event.arguments["value"] for event in events}
        evidence["the method raises"] = "TypeError"
        source = _source(events[0])
        reads = type(source).__name__
        evidence["data"] = reads
        generator = hasattr(source, "on_epoch_end") and hasattr(source, "workers")
        edit = Edit(
            f"Take {listed} out of {method}()"
            + (" (give it to the constructor of the PyDataset if it is wanted)" if generator else ""),
            (edits.remove_argument(place, *names),),
            safe=True,
        )
        yield Finding(
            NAME,
            "error",
            place,
            f"{method}() of Keras 3 does not take {listed} and stops with a TypeError"
            + ("" if generator else f"; on a {reads} it never had an effect"),
            evidence,
            edit=edit,
            cost=0.9,
        )


def _source(event: Event) -> Any:
    arguments = event.arguments
    return arguments["args"][0] if arguments["args"] else arguments["all"].get("x")
