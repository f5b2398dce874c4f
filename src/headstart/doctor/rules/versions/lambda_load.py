"""A model with a `Lambda` is saved and loaded again, which Keras 3 refuses.

What it is
    A `Lambda` with a lambda in it is saved as compiled Python. Loading it would run code out of a file, so
    Keras 3 does not unless it is told to.

Why it hurts
    `load_model` raises a ValueError.

Wrong
    layers.Lambda(lambda x: x / 255.0), model.save("m.keras"), load_model("m.keras")

Right
    layers.Rescaling(1 / 255.0), or a registered function; for a file of one's own, safe_mode=False

How it was measured
    The live model was saved into a scratch folder and loaded with the arguments of the script's own line.

When it is wrong
    With safe_mode=False, or with a function that is registered or handed over, loading works.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits

NAME = "lambda-load"
GROUP = "versions"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """Loads as the script will."""
    if not any(type(layer).__name__ == "Lambda" for layer in case.layers):
        return
    if case.probes.rest.calls("enable_unsafe_deserialization", "SafeModeScope"):
        return
    for load in case.probes.reload:
        text = load.error or ""
        if "Lambda" not in text and "lambda" not in text:
            continue
        step = edits.set_argument(load.place, "safe_mode", "False")
        yield Finding(
            NAME,
            "error",
            load.place,
            "load_model refuses a Lambda that holds a lambda, because that is code out of a file",
            {"raised": text[:160]},
            explains=("reload-mismatch",),
            edit=Edit("Load it as a file that you trust", (step,)),
            cost=0.5,
        )
