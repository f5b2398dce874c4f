"""A Normalization layer that was never adapted changes nothing.

What it is
    `Normalization` subtracts a mean and divides by a spread that it learns in `adapt()`. Before that they
    are 0 and 1.

Why it hurts
    The inputs go on as they are, large and off centre, although the model looks as if it scaled them.

Wrong
    model = Sequential([Normalization(), Dense(64), ...])

Right
    normalise = Normalization()
    normalise.adapt(x_train)

How it was measured
    Mean and variance of the live layer are 0 and 1, none were given, and what goes into it is far from
    that.

When it is wrong
    A layer with a given mean and variance, one in a backbone, and inputs that are standardised already
    are no fault.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines.inputs import name_given
from headstart.doctor.probes.untouched import value_of
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits

NAME = "normalization-not-adapted"
GROUP = "input"
FIXES = True

EXPLAINS = (
    "features-unscaled",
    "pixels-unscaled",
    "loss-not-falling",
    "rate-too-high",
    "dead-relu",
    "saturated-sigmoids",
)

FAR = 3.0
"""A mean so far from 0 or a spread so far from 1 needs scaling."""


def check(case: Case) -> Iterable[Finding]:
    """Looks at each Normalization layer of the user's own."""
    own = {id(layer) for backbone in case.backbones for layer in backbone.model.layers}
    for layer in case.layers:
        if type(layer).__name__ != "Normalization" or id(layer) in own or layer.input_mean is not None:
            continue
        done = case.probes.flow.of(layer)
        if done is None or done.entered is None or not done.entered.finite:
            continue
        mean, variance = (np.asarray(value_of(v)) for v in (layer.mean, layer.variance))
        if np.any(mean != 0) or np.any(variance != 1):
            continue
        stats = done.entered
        if abs(stats.mean) < FAR and 1 / FAR < stats.std < FAR:
            continue
        place = case.place_of(layer)
        yield Finding(
            NAME,
            "warning",
            place,
            "this Normalization layer was never adapted and passes its inputs on as they are",
            {
                "mean of its inputs": float(f"{stats.mean:.4g}"),
                "their spread": float(f"{stats.std:.4g}"),
                "its own mean and variance": "0 and 1",
            },
            EXPLAINS,
            _edit(case),
            cost=0.15,
        )


def _edit(case: Case) -> Edit | None:
    """Adapts the layer right before the fit, through the model, where the input is an array by a name."""
    fit, name = case.fit, name_given(case)
    if fit is None or fit.place is None or name is None or case.train is None or case.train.kind != "arrays":
        return None
    layers = [layer for layer in case.model.layers if type(layer).__name__ == "Normalization"]
    if len(layers) != 1 or not name.isidentifier() or type(case.model).__name__ != "Sequential":
        return None
    if case.model.layers.index(layers[0]) != 0:
        return None
    call = case.code(fit.place)
    model = call.split(".fit", 1)[0]
    if not model.isidentifier():
        return None
    step = edits.insert_statement(fit.place, f"{model}.layers[0].adapt({name})", "before")
    return Edit("Adapt the layer on the training data", (step,), safe=True)
