"""A learning rate so low that the planned steps lead nowhere.

What it is
    Each step moves the weights by about the learning rate, or by the rate times the gradient. Where rate
    times number of steps is small against the way to go, training ends before it has begun.

Why it hurts
    The loss falls in a straight, tiny slope; after all epochs the model is hardly better than a constant
    answer, although a higher rate would have learned the task in the same number of steps.

Wrong
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-6), loss="binary_crossentropy")

Right
    model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-3), loss="binary_crossentropy")

How it was measured
    The planned number of updates is made on the user's rows, on the live model that is put back afterwards
    (a long run in fewer, longer steps that go as far), and again at 10, 100 and 1000 times the rate. Both
    are measured on rows kept apart, against the loss of the best constant answer.

When it is wrong
    A low rate is right for a net that has been trained already: the rule speaks only of models that begin no
    better than a constant answer, without loaded weights, schedule or warm-up.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.rules.optimisation import _settings as settings
from headstart.doctor.rules.optimisation._slow import slow, suspected

NAME = "rate-too-low"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("loss-not-falling", "epochs-too-few", "vanishing-gradient")


def check(case: Case) -> Iterable[Finding]:
    """Speaks where a higher rate alone makes the planned run worth while."""
    if case.optimizer is None or not suspected(case):
        return
    found = slow(case)
    if found.kind != "rate" or found.own is None or found.cure is None:
        return
    rate, better = case.rate or 0.0, settings.rate_text(found.value)
    steps = settings.set_rate(case, found.value)
    yield Finding(
        NAME,
        "info" if found.gentle else "warning",
        settings.rate_place(case),
        f"at a learning rate of {rate:g} the planned steps lead nowhere; at {better} they learn",
        {
            "learning rate": float(f"{rate:.4g}"),
            "planned updates": case.probes.lab.plan,
            "loss of a constant answer": round(found.own.guess, 4),
            "loss after the planned updates": round(found.own.end, 4),
            "a rate that was tried": float(better),
            "loss at that rate": round(found.cure.end, 4),
        },
        EXPLAINS,
        Edit(f"Raise the learning rate to {better}", steps) if steps else None,
        cost=min(1.0, settings.percent(found.cure.explained - max(0.0, found.own.explained))),
    )
