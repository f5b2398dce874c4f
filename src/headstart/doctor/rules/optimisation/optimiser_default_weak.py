"""Plain SGD, Adadelta or Adagrad at its small default rate, where the planned steps lead nowhere.

What it is
    `"sgd"` means a rate of 0.01 without momentum, `"adadelta"` and `"adagrad"` a rate of 0.001. These
    suit small convex problems and long runs; many nets hardly move under them.

Why it hurts
    The loss stays flat for all epochs, while Adam, or SGD with momentum, learns the same task in the same
    number of steps.

Wrong
    model.compile(optimizer="sgd", loss="categorical_crossentropy")

Right
    model.compile(optimizer="adam", loss="categorical_crossentropy")

How it was measured
    The planned number of updates is made on the user's rows with the given optimizer (a long run in fewer,
    longer steps), then with momentum 0.9 and with Adam, from the same weights, which are put back. All are
    measured on rows kept apart, against the loss of the best constant answer.

When it is wrong
    Where plain SGD gets somewhere, or nothing else does better, the rule is silent; so it is where inputs
    on a usual scale are all that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.rules.optimisation import _settings as settings
from headstart.doctor.rules.optimisation._slow import slow, suspected

NAME = "optimiser-default-weak"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("loss-not-falling", "epochs-too-few", "vanishing-gradient")


def check(case: Case) -> Iterable[Finding]:
    """Speaks where another optimizer alone makes the planned run worth while."""
    if case.optimizer is None or not suspected(case):
        return
    found = slow(case)
    if found.kind != "optimiser" or found.own is None or found.cure is None:
        return
    steps = settings.set_optimizer(case, found.value)
    name = type(settings.inner(case.optimizer)).__name__
    rate = float(f"{case.rate or 0.0:.4g}")
    yield Finding(
        NAME,
        "info" if found.gentle else "warning",
        settings.rate_place(case),
        f"plain {name} at its rate of {rate:g} hardly moves this model; {found.value} learns in"
        " as many steps",
        {
            "optimizer": name,
            "learning rate": rate,
            "planned updates": case.probes.lab.plan,
            "loss of a constant answer": round(found.own.guess, 4),
            "loss after the planned updates": round(found.own.end, 4),
            "another optimizer": found.value,
            "loss with that": round(found.cure.end, 4),
        },
        EXPLAINS,
        Edit(f"Use {found.value}", steps) if steps else None,
        cost=min(1.0, settings.percent(found.cure.explained - max(0.0, found.own.explained))),
    )
