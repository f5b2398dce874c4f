"""An optimizer gets `decay=`, which Keras 3 ignores.

What it is
    The argument lowered the rate a little with every step: rate / (1 + decay * step). Keras 3 warns, and
    keeps the rate as it was.

Why it hurts
    The rate stays high to the end, where the script wanted it low. How much that matters follows from the
    argument and from the number of steps.

Wrong
    keras.optimizers.SGD(learning_rate=0.1, decay=1e-3)

Right
    keras.optimizers.SGD(keras.optimizers.schedules.InverseTimeDecay(0.1, 1, 1e-3))

How it was measured
    The optimizer of this fit was made with the argument; what the rate would have come down to is worked out
    for the steps of this fit.

When it is wrong
    `decay=0.0` asks for nothing, and a tiny decay over few steps changes next to nothing: the rule then only
    mentions it. `weight_decay` is another thing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding, Place, Severity
from headstart.doctor.repair import edits

NAME = "optimizer-decay"
GROUP = "versions"
FIXES = True

MATTERS = 0.8
"""A rate that would have ended above this share of itself is as good as constant."""


def check(case: Case) -> Iterable[Finding]:
    """Works out what the ignored argument would have done."""
    for event in case.trace.of_kind("removed-argument", "decay"):
        decay = event.arguments["value"]
        place = event.place
        if event.subject is not case.optimizer or place is None or not isinstance(decay, int | float):
            continue
        if decay <= 0 or case.train is None or not case.train.steps:
            continue
        steps = case.train.steps * case.epochs
        left = 1 / (1 + decay * steps)
        severity: Severity = "warning" if left < MATTERS else "info"
        yield Finding(
            NAME,
            severity,
            place,
            "decay= is ignored by Keras 3, so the rate stays as it is"
            + (f"; it was meant to fall to {left:.0%}" if left < MATTERS else ""),
            {
                "decay": float(decay),
                "steps of this fit": steps,
                "share of the rate at the end": round(left, 4),
            },
            edit=_edit(case, place, decay),
            cost=0.02 * (1 - left),
        )


def _edit(case: Case, place: Place, decay: float) -> Edit | None:
    try:
        call = ast.parse(case.code(place), mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(call, ast.Call):
        return None
    named = {k.arg: k.value for k in call.keywords}
    given = named.get("learning_rate") or named.get("lr") or (call.args[0] if call.args else None)
    if given is None:
        given = ast.Constant(0.01 if case.optimizer.__class__.__name__ == "SGD" else 0.001)
    keras = edits.keras_name(case, place)
    value = f"{keras.code}.optimizers.schedules.InverseTimeDecay({ast.unparse(given)}, 1, {decay!r})"
    steps = [*keras.operations]
    if "lr" in named:
        steps.append(edits.rename_argument(place, "lr", "learning_rate"))
    steps.append(edits.remove_argument(place, "decay"))
    steps.append(edits.set_argument(place, "learning_rate", value, 0))
    return Edit("Let a schedule lower the rate", tuple(steps))
