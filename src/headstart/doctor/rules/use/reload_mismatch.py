"""The model that is loaded again does not give the answers of the one that was saved, or cannot be loaded.

What it is
    A layer of one's own comes back as its `get_config` says, and with the weights that Keras knows of. What
    is left out of either is gone after loading.

Why it hurts
    The loaded model answers otherwise than the trained one, or `load_model` raises.

Wrong
    class Scale(Layer): keeps a factor that `get_config` does not give

Right
    get_config returns {**super().get_config(), "factor": self.factor}

How it was measured
    The live model was saved into a scratch folder, loaded with the arguments of the script's own line, and
    both were asked the same rows.

When it is wrong
    Differences of rounding are no mismatch; a model that draws at random in inference is not compared.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding

NAME = "reload-mismatch"
GROUP = "use"

DIFFERENT = 0.02
"""Largest difference of predictions, as a share of their size, that rounding could make is far below this."""


def check(case: Case) -> Iterable[Finding]:
    """Saves and loads, where the script will load what it saves."""
    if not case.probes.rest.calls("load_model"):
        return
    for load in case.probes.reload:
        if load.error is not None:
            if "Lambda" in load.error:
                continue
            what = "cannot be saved" if load.saving else "cannot be loaded again by this line"
            place = load.saved if load.saving else load.place
            yield Finding(
                NAME,
                "error",
                place,
                f"the model {what}: it has parts that Keras cannot rebuild from what is in the file",
                {"raised": load.error[:200]},
                cost=0.6,
            )
        elif load.gap > DIFFERENT:
            yield Finding(
                NAME,
                "error",
                load.place,
                "the loaded model answers otherwise than the saved one: something of it is not in the file",
                {"largest difference of predictions, as a share of their size": round(load.gap, 3)},
                cost=0.6,
            )
