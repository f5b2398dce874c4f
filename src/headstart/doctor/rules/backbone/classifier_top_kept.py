"""A backbone is used as a feature extractor with its own 1000-class softmax still on.

What it is
    `include_top=True` ends the net in the classifier that it was trained with. What the new head then gets
    is not the features of the picture but the probabilities of a thousand ImageNet classes.

Why it hurts
    A softmax pushes nearly all of its sum into one or two of the thousand numbers; what made the picture
    unlike others of the same class is gone. It is the smaller fault where the classes lie near ImageNet's,
    as cats and dogs do (about one point of accuracy), and the greater one where they do not.

Wrong
    base = VGG19(include_top=True, weights="imagenet")

Right
    base = VGG19(include_top=False, pooling="avg", weights="imagenet")

How it was measured
    Pictures are sent through the live model: what the backbone hands on has one column for each of its
    classes and every row sums to 1. A linear classifier on it is compared with one on the pooled features
    of the last map, on the same pictures.

When it is wrong
    A model whose answer is that softmax itself, a net cut before its last layer, and a net trained from
    scratch on its own classes are all healthy: the rule asks that more trained layers follow the softmax.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.tops import Top
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.model import Backbone, activation_of

NAME = "classifier-top-kept"
GROUP = "backbone"
FIXES = True

ENOUGH = 40
"""Pictures from which two accuracies are worth showing side by side."""
LEAST = 0.01
"""Share of accuracy that the fault costs where no more is measured: what it was on cats and dogs."""

EXPLAINS = ("domain-features-weak",)


def check(case: Case) -> Iterable[Finding]:
    """Looks at what each backbone hands on."""
    flow = case.probes.flow
    for backbone in case.backbones:
        if not backbone.event.arguments.get("include_top"):
            continue
        top = backbone.model.layers[-1]
        passed = flow.of(top)
        if passed is None or passed.output is None or activation_of(top) != "softmax":
            continue
        scores = passed.output
        if scores.ndim != 2 or not np.allclose(scores.sum(axis=1), 1.0, atol=1e-3):
            continue
        if _is_answer(scores, flow.output) or not _head_follows(case, backbone):
            continue
        yield _finding(case, backbone, scores)


def _is_answer(scores: Any, output: Any) -> bool:
    parts = (
        output.values()
        if isinstance(output, dict)
        else output
        if isinstance(output, list | tuple)
        else [output]
    )
    return any(np.shape(p) == scores.shape and np.allclose(p, scores, atol=1e-6) for p in parts)


def _head_follows(case: Case, backbone: Backbone) -> bool:
    own = {id(v) for v in backbone.model.variables}
    return any(id(v) not in own for v in case.model.trainable_variables)


def _finding(case: Case, backbone: Backbone, scores: Any) -> Finding:
    classes = scores.shape[1]
    entropy = -(scores * np.log(scores + 1e-12)).sum(axis=1)
    evidence: dict[str, Any] = {
        "columns handed to the head": classes,
        "sum of a row": round(float(scores.sum(axis=1).mean()), 4),
        "classes that share a row, in effect": round(float(np.exp(entropy).mean()), 1),
    }
    cost = LEAST
    if not backbone.stand_in:
        found = _measured(case, backbone)
        if found is not None and found.n >= ENOUGH:
            evidence["pictures"] = found.n
            evidence["accuracy of a linear classifier on the class scores"] = f"{found.scores.value:.2f}"
            evidence["accuracy on the pooled features"] = f"{found.pooled.value:.2f}"
            cost = max(LEAST, found.gap)
    return Finding(
        NAME,
        "warning",
        backbone.place,
        f"{backbone.name} keeps its own classifier, so the head is fed the softmax over {classes} classes"
        " instead of features",
        evidence,
        EXPLAINS,
        _edit(case, backbone),
        cost=cost,
    )


def _measured(case: Case, backbone: Backbone) -> Top | None:
    try:
        return next((top for top in case.probes.tops if top.backbone == backbone), None)
    except ProbeError:
        return None


def _edit(case: Case, backbone: Backbone) -> Edit | None:
    place = backbone.place
    if place is None or case.code(place) == "":
        return None
    steps = (
        edits.set_argument(place, "include_top", "False", _position(backbone, "include_top")),
        edits.set_argument(place, "pooling", '"avg"', _position(backbone, "pooling")),
    )
    return Edit(f"Build {backbone.name} without its top, pooled", steps, safe=_loads(case, backbone))


def _position(backbone: Backbone, name: str) -> int | None:
    constructor = _constructor(backbone)
    names = list(inspect.signature(constructor).parameters)
    return names.index(name) if name in names else None


def _constructor(backbone: Backbone) -> Any:
    import importlib

    return getattr(importlib.import_module(f"keras.src.applications.{backbone.family}"), backbone.name)


def _loads(case: Case, backbone: Backbone) -> bool:
    """Whether the same weights go into the net without a top: a file of the user's may not."""
    weights = backbone.weights
    if weights == "imagenet":
        return True
    if weights is None:
        return False
    from headstart.doctor.probes.untouched import untouched

    arguments = {k: v for k, v in backbone.event.arguments.items() if k not in ("family", "stand_in")}
    arguments.update(include_top=False, pooling="avg")
    if arguments.get("input_tensor") is not None:
        return False
    try:
        with case.trace.paused(), untouched():
            _constructor(backbone)(**arguments)
    except Exception:
        return False
    return True
