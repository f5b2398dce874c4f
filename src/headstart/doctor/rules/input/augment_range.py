"""An augmenting layer assumes pixels from 0 to 255, and is given scaled ones.

What it is
    RandomBrightness, RandomContrast and their kin have a `value_range`, by default 0 to 255. Brightness
    is shifted by shares of that range, and what leaves it is cut off.

Why it hurts
    On pixels from 0 to 1 a shift by a tenth is 25: pictures become white or black. On pixels from -1 to 1
    all that is below zero is cut off.

Wrong
    Rescaling(1 / 255), RandomBrightness(0.2)

Right
    Rescaling(1 / 255), RandomBrightness(0.2, value_range=(0, 1))

How it was measured
    The layer's own input, in the model or in a map of the data, is sent through it in training mode: what
    comes out is far outside of what went in, or the lower half of it is gone.

When it is wrong
    A layer that stands before the scaling gets 0 to 255 and is right: the rule looks at what enters it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.flow import Pass
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.augmenting import augments, drawn

NAME = "augment-range"
GROUP = "input"
FIXES = True

EXPLAINS = ("loss-not-falling", "augment-destroys-label", "train-below-val-confusion")


def check(case: Case) -> Iterable[Finding]:
    """Looks at each augmenting layer that has a range."""
    for done in _passes(case):
        layer, entered = done.layer, done.entered
        bounds = getattr(layer, "value_range", None)
        if entered is None or done.input is None or bounds is None or entered.high > 1.1 or bounds[1] < 100:
            continue
        if entered.high - entered.low < 0.2 or entered.low < -1.1 or done.input.ndim not in (3, 4):
            continue
        pictures = (
            done.input[:16].astype(np.float32) if done.input.ndim == 4 else done.input.astype(np.float32)
        )
        results = drawn(layer, pictures)
        high = max(float(r.max()) for r in results)
        cut = entered.low < -0.2 and all(float(r.min()) > -0.01 for r in results)
        black = np.mean([float(r.std()) for r in results]) < 0.2 * float(pictures.std())
        if not (high > 2 or cut or black):
            continue
        lowest = min(float(r.min()) for r in results)
        place = case.place_of(layer)
        unit = "(-1, 1)" if entered.low < -0.2 else "(0, 1)"
        edit = None
        if place is not None:
            step = edits.set_argument(place, "value_range", unit)
            edit = Edit("Give the layer the range of its pixels", (step,), safe=True)
        yield Finding(
            NAME,
            "warning",
            place,
            f"{type(layer).__name__} assumes pixels from {bounds[0]:g} to {bounds[1]:g}, but gets them from"
            f" {entered.low:.2g} to {entered.high:.2g}",
            {
                "lowest before and after": f"{entered.low:.3g} and {lowest:.3g}",
                "highest before and after": f"{entered.high:.3g} and {high:.3g}",
            },
            EXPLAINS,
            edit,
            cost=0.1,
        )


def _passes(case: Case) -> Iterator[Pass]:
    """The augmenting layers of the model, then those in maps, each once."""
    seen: set[int] = set()
    for passes in (_model(case), _maps(case)):
        for done in passes:
            if id(done.layer) not in seen and augments(done.layer):
                seen.add(id(done.layer))
                yield done


def _model(case: Case) -> tuple[Pass, ...]:
    if not any(augments(layer) for layer in case.layers):
        return ()
    passes: tuple[Pass, ...] = case.probes.flow.passes
    return passes


def _maps(case: Case) -> list[Any]:
    try:
        return [done for mapped in case.probes.mapped for done in mapped.passes]
    except ProbeError:
        return []
