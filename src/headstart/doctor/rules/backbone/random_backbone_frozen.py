"""A backbone with random weights is frozen, so its features mean nothing and never will.

What it is
    `weights=None` builds the net with random weights. Freezing it keeps them random: only the head learns,
    on features that no training has shaped.

Why it hurts
    What a random net makes of a picture is a blur of its colours. The head may learn a little by heart, and
    new pictures are answered near chance.

Wrong
    base = MobileNetV2(weights=None, include_top=False)
    base.trainable = False

Right
    base = MobileNetV2(weights="imagenet", include_top=False)
    base.trainable = False

How it was measured
    Every bias and every normalisation statistic of the live backbone still has the value that a new net
    begins with, and its weights are not trained in this fit.

When it is wrong
    Weights loaded later, by `load_weights` or `set_weights`, show in the biases, and a net that is trained is
    no frozen one. Where the pretrained file could not be fetched while the doctor looked, the random weights
    are not the script's doing. A script that says that it studies random features is told in passing only.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.features import linear_accuracy
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.freezing import MEANT, line_of_flag, own_weights, size, untrained
from headstart.doctor.views.model import Backbone, every_layer

NAME = "random-backbone-frozen"
GROUP = "backbone"
FIXES = True

EXPLAINS = (
    "domain-features-weak",
    "loss-not-falling",
    "head-too-large",
    "backbone-preprocess-mismatch",
    "rate-too-low",
)


def check(case: Case) -> Iterable[Finding]:
    """Looks at the flags and at the values of each backbone's weights."""
    stand_ins = {e.name for e in case.trace.of_kind("application") if e.arguments.get("stand_in")}
    inside = {id(v) for v in case.model.variables}
    for backbone in case.backbones:
        if backbone.weights is not None or backbone.stand_in or backbone.name in stand_ins:
            continue
        layers = [
            layer
            for layer in every_layer(backbone.model)
            if own_weights(layer) and id(own_weights(layer)[0]) in inside
        ]
        frozen = [layer for layer in layers if not any(v.trainable for v in own_weights(layer))]
        share = size(v for layer in frozen for v in own_weights(layer)) / max(
            1, size(v for layer in layers for v in own_weights(layer))
        )
        if share < 0.5 or layers[0] not in frozen or not untrained(layers):
            continue
        yield _finding(case, backbone, layers, share)


def _finding(case: Case, backbone: Backbone, layers: list[Any], share: float) -> Finding:
    evidence: dict[str, Any] = {
        "layers with weights, all at the values that a new net begins with": len(layers),
        "share of its weights that is frozen": round(share, 3),
    }
    flag = line_of_flag(case, layers[0])
    if flag is not None:
        evidence["frozen at line"] = flag.line
    evidence.update(_accuracy(case, backbone))
    meant = any(MEANT.search(unit.text) for unit in case.units)
    edit = None
    if backbone.place is not None and case.code(backbone.place):
        step = edits.set_argument(backbone.place, "weights", '"imagenet"', _position(backbone))
        edit = Edit("Begin with weights trained on ImageNet", (step,), safe=False)
    return Finding(
        NAME,
        "info" if meant else "error",
        backbone.place,
        f"{backbone.name} has random weights and is frozen, so the head learns on features that no training"
        " has shaped",
        evidence,
        EXPLAINS,
        edit,
        cost=0.4,
    )


def _accuracy(case: Case, backbone: Backbone) -> dict[str, Any]:
    """What a linear classifier gets from its features, where there are enough pictures to say."""
    try:
        flow = case.probes.flow
    except ProbeError:
        return {}
    passed = flow.feature_map(backbone.model)
    ids = case.labels
    if passed is None or passed.output is None or ids is None:
        return {}
    found = linear_accuracy(passed.output.mean(axis=(1, 2)), ids[flow.index])
    if found is None or found.n < 40:
        return {}
    return {"cross-validated accuracy of a linear classifier on its features": f"{found.value:.2f}"}


def _position(backbone: Backbone) -> int | None:
    import importlib

    module = importlib.import_module(f"keras.src.applications.{backbone.family}")
    names = list(inspect.signature(getattr(module, backbone.name)).parameters)
    return names.index("weights") if "weights" in names else None
