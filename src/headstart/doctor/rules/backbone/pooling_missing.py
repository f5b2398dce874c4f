"""The backbone's feature map goes into Dense layers unpooled, so the model answers once for every place.

What it is
    Without its top a backbone gives a map, such as 7 x 7 x 512. A Dense layer works on the last axis alone,
    so the map keeps its places and the model's output is a map of answers.

Why it hurts
    The output's shape does not fit the labels: an error at the first step, or a loss over every place that
    compares each one with the label of the whole picture, and predictions that no one can read.

Wrong
    base = VGG19(include_top=False)

Right
    base = VGG19(include_top=False, pooling="avg")

How it was measured
    The shapes of the live model's output and of the labels; the layer where the map stops being a feature
    map and enters a Dense layer.

When it is wrong
    Segmentation wants one answer a place, and a tagger one a step: there the labels are maps or series too,
    and the rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes.flow import Pass
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits

NAME = "pooling-missing"
GROUP = "backbone"
FIXES = True

EXPLAINS = ("units-not-classes", "loss-not-falling", "accuracy-wrong-form")


def check(case: Case) -> Iterable[Finding]:
    """Compares the ranks of output and labels."""
    flow = case.probes.flow
    output, y = flow.output, flow.y
    if not isinstance(output, np.ndarray) or y is None or isinstance(y, dict | list | tuple):
        return
    labels = np.asarray(y)
    if output.ndim == 3 and _one_a_series(case, output, labels):
        yield _series(case, output, labels)
    if output.ndim != 4 or labels.ndim > 2:
        return
    dense = next((p for p in flow.passes if _takes_map(p)), None)
    if dense is None or dense.entered is None:
        return
    place, edit = _where(case, dense)
    shape = " x ".join(str(n) for n in dense.entered.shape[1:])
    yield Finding(
        NAME,
        "error",
        place,
        f"a feature map of {shape} goes into Dense layers unpooled, so the model gives"
        f" {output.shape[1] * output.shape[2]} answers a picture where the labels have one",
        {
            "shape of the map": shape,
            "shape of the output": str(("rows", *output.shape[1:])),
            "shape of the labels": str(("rows", *labels.shape[1:])),
        },
        EXPLAINS,
        edit,
        cost=0.95,
    )


def _one_a_series(case: Case, output: Any, labels: Any) -> bool:
    """Whether there is one label a row, but an answer for each of its steps."""
    if case.loss is None or not case.loss.builtin or output.shape[1] < 2 or not output.shape[2]:
        return False
    if labels.ndim == 1 or labels.shape[1:] == (1,):
        return True
    columns = labels.ndim == 2 and case.loss.name.startswith("categorical")
    return bool(columns and labels.shape[1] == output.shape[2] != output.shape[1])


def _series(case: Case, output: Any, labels: Any) -> Finding:
    steps = int(output.shape[1])
    layer = next(
        (
            done.layer
            for done in reversed(case.probes.flow.passes)
            if getattr(done.layer, "return_sequences", False) is True
            and case.place_of(done.layer) is not None
        ),
        None,
    )
    place, edit = None, None
    if layer is not None:
        place = case.place_of(layer)
        if place is not None and type(layer).__name__ in ("LSTM", "GRU", "SimpleRNN") and case.code(place):
            step = edits.set_argument(place, "return_sequences", "False")
            edit = Edit("Hand on the last step only", (step,), safe=True)
    elif case.probes.flow.last is not None:
        place = case.place_of(case.probes.flow.last)
    return Finding(
        NAME,
        "error",
        place,
        f"every one of {steps} steps goes through to the output, so the model gives {steps} answers a row"
        " where the labels have one",
        {
            "steps": steps,
            "shape of the output": str(("rows", *output.shape[1:])),
            "shape of the labels": str(("rows", *labels.shape[1:])),
        },
        EXPLAINS,
        edit,
        cost=0.9,
    )


def _takes_map(done: Pass) -> bool:
    if type(done.layer).__name__ != "Dense" or done.entered is None:
        return False
    shape = done.entered.shape
    return len(shape) == 4 and shape[1] * shape[2] > 1


def _where(case: Case, dense: Pass) -> tuple[Place | None, Edit | None]:
    """The backbone's line, where there is one without pooling; else that of the first Dense layer."""
    for backbone in case.backbones:
        arguments: Any = backbone.event.arguments
        if (
            not arguments.get("include_top")
            and arguments.get("pooling") is None
            and backbone.place is not None
        ):
            steps: tuple[Any, ...] = ()
            if backbone.nested:
                steps = (edits.set_argument(backbone.place, "pooling", '"avg"'),)
                return backbone.place, Edit("Pool the feature map", steps, safe=True)
            break
    place = case.place_of(dense.layer)
    if place is None:
        return case.backbones[0].place if case.backbones else None, None
    layer = edits.spell(case, place, "GlobalAveragePooling2D")
    edit = Edit("Pool the feature map", layer.beside(place, "before"), safe=True) if layer else None
    return (case.backbones[0].place if case.backbones else place), edit
