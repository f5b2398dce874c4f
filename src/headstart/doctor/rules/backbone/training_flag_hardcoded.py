"""`training=True` is written into the model, so it is as random when it answers as when it learns.

What it is
    A base, a dropout or an augmentation layer called with `training=True` drops and distorts for ever: in a
    subclassed model in `predict` and `evaluate` too, in a functional one when it is called as `model(x)`.

Why it hurts
    The same picture gets another answer each time, and a lower accuracy than the model has learned.

Wrong
    x = layers.Dropout(0.5)(x, training=True)

Right
    x = layers.Dropout(0.5)(x)

How it was measured
    Two passes of one batch through the live model in inference mode differ, and a layer that draws at random
    was called with `training=True` at this line. Where they agree, as Keras 3 overrides the flag in a
    functional model, but two plain calls do not, it is only mentioned.

When it is wrong
    Monte-Carlo dropout and test-time augmentation ask the model many times on purpose: the rule is silent in
    a script that does so in a loop, or says so. Sampling in a variational net needs no such call.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.case import Case
from headstart.doctor.lines.flagged import flagged
from headstart.doctor.probes.untouched import untouched
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.freezing import steps_itself
from headstart.doctor.views.model import every_layer

NAME = "training-flag-hardcoded"
GROUP = "backbone"
FIXES = True

EXPLAINS = ("dropout-too-strong", "predict-loader-mismatch")

DRAWS = ("Dropout", "Gaussian", "AlphaDropout", "SpatialDropout", "Random", "AutoContrast", "MixUp", "CutMix")
MEANT = re.compile(
    r"monte[\s_-]*carlo|\bmc[\s_-]*(drop|sampl|pred)|uncertain|bayes|test[\s_-]*time|\btta\b|ensembl", re.I
)
"""Words of a script that asks its model many times on purpose."""


def check(case: Case) -> Iterable[Finding]:
    """Looks for such calls, then asks twice."""
    calls = [one for one in flagged(case) if one.value and _draws(one.layer)]
    if not calls or steps_itself(case.model) or _on_purpose(case):
        return
    modes = case.probes.modes
    pair = modes.inference, modes.inference_again
    plain = not modes.random_at_inference
    if plain:
        pair = _plainly(case)
    spread = float(np.abs(pair[0] - pair[1]).max())
    if spread < 1e-4:
        return
    for one in calls:
        step = edits.remove_argument(one.place, "training")
        yield Finding(
            NAME,
            "info" if plain else "warning",
            one.place,
            f"{one.layer.name!r} is called with training=True, so the model answers at random"
            + (" when it is called as model(x), though not in predict" if plain else ""),
            {
                "largest difference between two answers to the same batch": round(spread, 4),
                "rows": len(pair[0]),
            },
            EXPLAINS,
            Edit("Leave the mode to Keras", (step,), safe=True),
            cost=0.05,
        )


def _plainly(case: Case) -> tuple[Any, Any]:
    """Two calls that leave the mode open."""
    x = take_rows(case.probes.flow.x, slice(0, 8))
    with untouched(case.model):
        first, second = (np.asarray(to_numpy(case.model(x))) for _ in range(2))
    return first, second


def _draws(layer: Any) -> bool:
    for one in [layer, *every_layer(layer)]:
        name = type(one).__name__
        if name.startswith(DRAWS) and getattr(one, "rate", getattr(one, "stddev", 1)) != 0:
            return True
    return False


def _on_purpose(case: Case) -> bool:
    """Whether the script says so, or asks a model again and again in a loop or a comprehension."""
    for unit in case.units:
        if MEANT.search(unit.text):
            return True
        for loop in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(loop, ast.For | ast.While | ast.ListComp | ast.GeneratorExp):
                continue
            for node in ast.walk(loop):
                if isinstance(node, ast.Call) and _asks(node):
                    return True
    return False


def _asks(call: ast.Call) -> bool:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in ("predict", "predict_on_batch", "__call__")
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return "model" in name.lower() or name in ("net", "network", "f_model")
