"""Pixels from 0 to 255 go unscaled into a net that is trained from scratch.

What it is
    The first layer with weights is given the bytes of the pictures. Fresh weights expect inputs of about
    one.

Why it hurts
    The first activations are a hundred times too large: sigmoids saturate, ReLUs die, the loss begins far
    above that of guessing, and the steps of the optimizer fit neither the first layer nor the rest.

Wrong
    x_train = x_train.reshape(-1, 784)

Right
    x_train = x_train.reshape(-1, 784) / 255

How it was measured
    What enters the first layer with weights spans 0 to 255, and nothing normalises it or what comes out.
    From the same weights, the user's own training is begun twice on copies, on the pixels as they are and
    divided by 255: the loss starts far above guessing, or ends higher, only on the pixels as they are.
    Where no such run can be made, the outputs for unlike pictures are all at their bounds.

When it is wrong
    A Rescaling, Normalization or BatchNormalization layer, a division in the model, class ids for an
    embedding, and tables of counts are no raw pixels at the first layer; and where the runs come out
    alike, the rule is silent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines.inputs import data_place
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.flow import Pass
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.entering import LOOKUPS, NORMS, at_bounds, first_weights, normalised, raw_pixels

NAME = "pixels-unscaled"
GROUP = "input"
FIXES = True

EXPLAINS = (
    "loss-not-falling",
    "loss-nan",
    "dead-relu",
    "vanishing-gradient",
    "exploding-gradient",
    "saturated-sigmoids",
    "rate-too-high",
    "rate-too-low",
    "optimiser-default-weak",
    "wide-init",
    "features-unscaled",
)

WORSE = 0.1
"""Share of the loss of guessing by which a run must be worse."""
ABOVE = 2.0
"""A first loss above guessing by this factor is a jump."""


def check(case: Case) -> Iterable[Finding]:
    """Looks at the first layer with weights, then begins the training both ways."""
    if case.backbones or case.train is None or case.train.y is None:
        return
    first = first_weights(case)
    if first is None or type(first.layer).__name__ in (*LOOKUPS, *NORMS):
        return
    if not raw_pixels(first) or normalised(case, first):
        return
    proof = _proof(case, first)
    if proof is None:
        return
    assert first.entered is not None
    evidence: dict[str, Any] = {
        "lowest value at the first layer with weights": round(first.entered.low, 2),
        "highest": round(first.entered.high, 2),
        "mean": round(first.entered.mean, 2),
        **proof,
    }
    yield Finding(
        NAME,
        "warning",
        data_place(case),
        f"pixels from 0 to {first.entered.high:.0f} go unscaled into the first layer with weights",
        evidence,
        EXPLAINS,
        _edit(case, first),
        cost=0.15,
    )


def _proof(case: Case, first: Pass) -> dict[str, Any] | None:
    if first.input is not None and (stuck := at_bounds(first, first.input / 255.0)) is not None:
        return stuck
    try:
        lab = case.probes.lab
        given = lab.run()
        scaled = lab.run(change=lambda: _divided(first.layer), key=NAME, retrace=True)
    except ProbeError:
        return _saturated(case)
    jumps = given.start > ABOVE * given.guess and scaled.start < given.start / 1.5
    worse = not given.finite or scaled.explained - given.explained > WORSE
    if not scaled.finite or not (jumps or worse):
        return None
    return {
        "loss of guessing": round(given.guess, 4),
        "loss at the start": round(given.start, 4),
        "with pixels divided by 255": round(scaled.start, 4),
        f"loss after {given.steps} steps": round(given.end, 4) if given.finite else "not finite",
        "after as many with pixels divided by 255": round(scaled.end, 4),
    }


@contextlib.contextmanager
def _divided(layer: Any) -> Iterator[None]:
    """Meanwhile the layer divides what it is given by 255."""
    import keras

    original = layer.call

    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        return original(keras.ops.cast(x, layer.compute_dtype) / 255, *args, **kwargs)

    object.__setattr__(layer, "call", call)
    try:
        yield
    finally:
        object.__delattr__(layer, "call")


def _saturated(case: Case) -> dict[str, Any] | None:
    """Whether an untrained model is sure of nearly every answer."""
    output = case.probes.flow.output
    if case.labels is None or not isinstance(output, np.ndarray) or output.ndim != 2:
        return None
    if output.min() < 0 or output.max() > 1:
        return None
    sure = (output.max(axis=1) > 0.99) | (output.max(axis=1) < 0.01)
    if sure.mean() < 0.6:
        return None
    return {"share of answers that are certain before training": round(float(sure.mean()), 3)}


def _edit(case: Case, first: Pass) -> Edit | None:
    place = case.place_of(first.layer)
    layer = edits.spell(case, place, "Rescaling", "1 / 255") if place is not None else None
    if place is None or layer is None or type(case.model).__name__ not in ("Sequential", "Functional"):
        return None
    return Edit("Scale the pixels in the model", layer.beside(place, "before"), safe=True)
