"""A file of weights was loaded with leave to skip what does not match, and nothing matched.

What it is
    `by_name=True` and `skip_mismatch=True` pass over every layer whose name or shape differs. Where all
    differ, the call ends well and has done nothing.

Why it hurts
    The net that is thought to be pretrained is random. Frozen, it stays so.

Wrong
    model.load_weights("other_net.weights.h5", skip_mismatch=True)

Right
    model.load_weights("this_net.weights.h5")

How it was measured
    The weights that were given a value while the call ran were counted: none.

When it is wrong
    A head that is skipped on purpose leaves the weights of the base loaded; the rule asks for none at all.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding

NAME = "load-weights-silent"
GROUP = "backbone"
WHEN = "always"

EXPLAINS = ("random-backbone-frozen", "domain-features-weak", "loss-not-falling")


def check(case: Case) -> Iterable[Finding]:
    """Goes through the loads so far."""
    for event in case.trace.of_kind("load-weights"):
        lenient = [n for n in ("by_name", "skip_mismatch") if event.arguments.get(n)]
        variables = getattr(event.subject, "variables", [])
        if not lenient or event.place is None or not variables or "set" not in event.arguments:
            continue
        if event.arguments["set"]:
            continue
        yield Finding(
            NAME,
            "error",
            event.place,
            f"no weight of the file matched, and {lenient[0]}=True let that pass in silence",
            {"weights of the model": len(variables), "weights that were loaded": 0},
            EXPLAINS,
            cost=0.4,
        )
