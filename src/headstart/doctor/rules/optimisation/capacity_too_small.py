"""A hidden layer of one or two units that the whole task has to pass.

What it is
    Whatever comes after a layer of two units sees two numbers of each row. Two sigmoid units cannot enclose a
    region, and hardly tell three classes apart.

Why it hurts
    The loss stops high however long the run is, while the same net with more units there learns.

Wrong
    model.add(Dense(2, activation="sigmoid"))
    model.add(Dense(1, activation="sigmoid"))

Right
    model.add(Dense(16, activation="sigmoid"))
    model.add(Dense(1, activation="sigmoid"))

How it was measured
    The net is built again from its own configuration, once as it is and once with 32 units there; both are
    trained with Adam on the user's rows, and the gain must show on rows kept apart.

When it is wrong
    The code of an autoencoder, and narrow layers that learn what wide ones do, are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.lab import Lab
from headstart.doctor.probes.runs import Run
from headstart.doctor.probes.untouched import untouched
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.optimisation import _settings as settings
from headstart.doctor.rules.optimisation._chain import own_leaves
from headstart.doctor.views.model import every_layer

NAME = "capacity-too-small"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("loss-not-falling",)
NARROW = 2
WIDE = 32
RATE = 0.03


def check(case: Case) -> Iterable[Finding]:
    """Finds the narrow layer, widens it in a copy, and trains both."""
    flow = case.probes.flow
    narrow = [
        p.layer
        for p in own_leaves(case)
        if type(p.layer).__name__ == "Dense" and p.layer.units <= NARROW and p.layer is not flow.last
    ]
    if len(narrow) != 1 or not settings.fresh(case) or case.backbones:
        return
    x, y = flow.x, flow.y
    if not isinstance(x, np.ndarray) or not isinstance(y, np.ndarray) or x.ndim != 2 or x.shape == y.shape:
        return
    layer = narrow[0]
    own, wide = _tried(case, layer.name)
    if (
        wide.explained < 0.5
        or wide.explained - max(own.explained, 0.0) < 0.3
        or wide.fitted - own.fitted < 0.2
    ):
        return
    place = case.place_of(layer)
    edit = None
    if place is not None and case.code(place):
        edit = Edit(f"Give the layer {WIDE} units", (edits.set_argument(place, "units", str(WIDE), 0),))
    yield Finding(
        NAME,
        "warning",
        place,
        f"all that the net knows of a row passes {layer.units} units; with {WIDE} there it learns the task",
        {
            "units": int(layer.units),
            "updates tried": own.steps,
            "loss of a constant answer": round(own.guess, 4),
            "loss as it is, on rows kept apart": round(own.end, 4),
            f"loss with {WIDE} units": round(wide.end, 4),
        },
        EXPLAINS,
        edit,
        cost=min(1.0, settings.percent(wide.explained - max(0.0, own.explained))),
    )


def _tried(case: Case, name: str) -> tuple[Run, Run]:
    """The best of two tries of each: a narrow net may just have been unlucky."""
    import keras

    lab = case.probes.lab
    found: list[Run] = []
    for units in (None, WIDE):
        runs: list[Run] = []
        other: Lab | None = None
        for seed in (0, 1):
            with case.trace.paused(), untouched():
                keras.utils.set_random_seed(seed)
                model = _rebuilt(case.model, name, units)
            if other is None:
                model.compile(optimizer=keras.optimizers.Adam(RATE), loss=case.model.loss)
                other = lab.of(model)
            else:
                # Other weights in the same net: its steps are compiled already.
                other.case.model.set_weights(model.get_weights())
            other.spent = lab.spent
            runs.append(other.run(keras.optimizers.Adam(RATE), key=("adam", seed), steps=lab.room))
            lab.spent = other.spent
            if runs[-1].explained > 0.9:
                break
        found.append(max(runs, key=lambda run: run.explained))
    return found[0], found[1]


def _rebuilt(model: Any, name: str, units: int | None) -> Any:
    """The model anew from its configuration, one layer with other units."""
    if type(model).__module__.startswith("keras"):
        if any(type(layer).__name__ == "Lambda" for layer in every_layer(model)):
            raise ProbeError("a function of the user's cannot be built again from a configuration")
        config = model.get_config()
        for layer in config.get("layers", []):
            inner = layer.get("config", {})
            if inner.get("name") == name and units is not None:
                inner["units"] = units
            layer.pop("build_config", None)
        config.pop("build_input_shape", None)
        made = type(model).from_config(config)
        if not made.built:
            made.build(model.input_shape)
        return made
    raise ProbeError("only Sequential and functional models can be built again")
