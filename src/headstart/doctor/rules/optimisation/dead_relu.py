"""ReLU units that give 0 for every row: no gradient passes them.

What it is
    A unit whose sum is negative for all rows gives 0 and has no slope. Where nearly a whole layer is like
    that before training has begun, what lies before it cannot learn.

Why it hurts
    The answer hardly depends on the input, and steps do not change that.

Wrong
    model.add(Dense(64, activation="relu", bias_initializer=keras.initializers.Constant(-100.0)))

Right
    model.add(Dense(64, activation="relu"))

How it was measured
    A batch is sent through the live model: the share of units (channels, in maps) of each ReLU layer that
    are 0 for all of its rows.

When it is wrong
    The features of pretrained nets are often sparse: their layers are left out. Where a cause was found, it
    is named in its place.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.records import Finding
from headstart.doctor.rules.optimisation._chain import own_leaves
from headstart.doctor.rules.optimisation._settings import fresh
from headstart.doctor.views.model import activation_of

NAME = "dead-relu"
GROUP = "optimisation"
SYMPTOM = True

MOST = 0.95
"""The share of dead units from which a layer counts as dead; healthy ones start far below."""
ROWS = 32
UNITS = 8


def check(case: Case) -> Iterable[Finding]:
    """Counts units that are zero for all rows."""
    flow = case.probes.flow
    if not fresh(case):
        return
    for done in own_leaves(case):
        values = done.output
        if activation_of(done.layer) != "relu" or values is None or done.layer is flow.last:
            continue
        if values.ndim < 2 or len(values) < ROWS or values.shape[-1] < UNITS:
            continue
        dead = float((values.reshape(-1, values.shape[-1]) == 0).all(axis=0).mean())
        if dead < MOST or not np.isfinite(values).all():
            continue
        yield Finding(
            NAME,
            "error" if dead == 1.0 else "warning",
            case.place_of(done.layer),
            f"{dead:.0%} of the units give 0 for every row, so no gradient passes them",
            {
                "layer": done.layer.name,
                "units": int(values.shape[-1]),
                "rows": len(values),
                "share dead": round(dead, 3),
            },
            cost=dead,
        )
        return
