"""Training that ends while the loss is still on its way down.

What it is
    The number of epochs, `epochs=1` where none is given, makes too few updates for the model to get
    anywhere.

Why it hurts
    The model is hardly better than a constant answer at the end, and would have learned with a longer run.

Wrong
    model.fit(x, y)

Right
    model.fit(x, y, epochs=50, callbacks=[keras.callbacks.EarlyStopping(patience=5)], validation_split=0.2)

How it was measured
    The planned updates are made on the user's rows, then several times as many, on the live model that is
    put back; both are measured on rows kept apart.

When it is wrong
    A try-out with a handful of updates is short on purpose. It gets advice (info), never a warning; so does
    a run that has come a good part of the way.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.optimisation import _settings as settings
from headstart.doctor.rules.optimisation._slow import slow, suspected

NAME = "epochs-too-few"
GROUP = "optimisation"
FIXES = True
SYMPTOM = True  # beside another fault, a longer run is no answer

EXPLAINS = ("loss-not-falling",)


def check(case: Case) -> Iterable[Finding]:
    """Speaks where more of the same steps make the run worth while."""
    if case.optimizer is None or not suspected(case):
        return
    found = slow(case)
    if found.kind != "epochs" or found.own is None or case.fit is None:
        return
    evidence = {
        "epochs": case.epochs,
        "planned updates": case.probes.lab.plan,
        "loss of a constant answer": round(found.own.guess, 4),
        "loss after the planned updates": round(found.own.end, 4),
    }
    if found.cure is not None:
        evidence["updates that were tried"] = found.cure.steps
        evidence["loss after those"] = round(found.cure.end, 4)
    place = case.fit.place
    edit = None
    if place is not None:
        step = edits.set_argument(place, "epochs", str(found.value), 3)
        edit = Edit(f"Train for {found.value} epochs", (step,))
    gain = 0.05 if found.cure is None else found.cure.explained - max(0.0, found.own.explained)
    count = f"{case.epochs} epoch" + ("s" if case.epochs != 1 else "")
    yield Finding(
        NAME,
        "info" if found.gentle else "warning",
        place,
        f"{count} ({evidence['planned updates']} updates) end while the loss is still falling",
        evidence,
        EXPLAINS,
        edit,
        cost=min(1.0, settings.percent(gain)),
    )
