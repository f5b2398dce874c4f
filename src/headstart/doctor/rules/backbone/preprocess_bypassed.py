"""Scaling or augmentation layers were called, but the model was built past them.

What it is
    `x = Rescaling(...)(inputs)` is only part of the model if the model leads through it. A new
    `Model(base.input, output)` begins behind it.

Why it hurts
    The base gets pixels that were never scaled, or pictures that are never augmented, although the script
    shows both.

Wrong
    x = preprocess(inputs)
    model = keras.Model(base.input, head(base.output))

Right
    x = base(preprocess(inputs))
    model = keras.Model(inputs, head(x))

How it was measured
    The layers that the script called on symbolic inputs, against those in the graph of the live model; what
    reaches its backbone is not scaled as its weights want it.

When it is wrong
    Layers that are used in `dataset.map` are called on other tensors. Layers that another model of the script
    holds, such as one for serving, are where they belong.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Finding
from headstart.doctor.views.model import every_layer

NAME = "preprocess-bypassed"
GROUP = "backbone"

EXPLAINS = (
    "backbone-raw-pixels",
    "backbone-preprocess-mismatch",
    "pixels-unscaled",
    "half-range-scaling",
    "augment-inactive",
)
SCALES = ("Rescaling", "Normalization", "Lambda")


def check(case: Case) -> Iterable[Finding]:
    """Looks for called layers that are not in the graph."""
    flat = [b for b in case.backbones if not b.nested]
    if not flat or not getattr(case.model, "inputs", None):
        return
    inside = {id(layer) for layer in case.layers}
    held = inside | {id(layer) for other in _models(case) for layer in every_layer(other)}
    for event in case.trace.of_kind("call"):
        layer = event.subject
        if event.result is None or event.place is None or id(layer) in held:
            continue
        if not _prepares(layer) or not _input_is_unused(case, event):
            continue
        evidence: dict[str, Any] = {"in the model's graph": False}
        if _scales(layer):
            entry = _entry(case, flat[0])
            if entry is None or entry.fits:
                continue
            evidence["lowest value at the base"] = round(entry.stats.low, 3)
            evidence["highest"] = round(entry.stats.high, 3)
        yield Finding(
            NAME,
            "warning",
            event.place,
            f"{layer.name!r} is called here, but the model that is trained does not lead through it",
            evidence,
            EXPLAINS,
            cost=0.1,
        )


def _models(case: Case) -> list[Any]:
    made = [*case.trace.of_kind("layer"), *case.trace.of_kind("inner-layer")]
    found = [e.result for e in made if hasattr(e.result, "compile") and hasattr(e.result, "layers")]
    # A block of augmentation is itself what is called: it holds nothing for another model.
    called = {id(e.subject) for e in case.trace.of_kind("call")}
    return [m for m in found if m is not case.model and id(m) not in called]


def _layers(layer: Any) -> list[Any]:
    return [one for one in every_layer(layer) if type(one).__name__ != "InputLayer"] or [layer]


def _prepares(layer: Any) -> bool:
    names = [type(one).__name__ for one in _layers(layer)]
    return all(n in SCALES or n.startswith("Random") for n in names) and (
        any(n.startswith("Random") for n in names) or _scales(layer)
    )


def _scales(layer: Any) -> bool:
    for one in _layers(layer):
        name = type(one).__name__
        function = getattr(getattr(one, "function", None), "__name__", "")
        if name in ("Rescaling", "Normalization") or (name == "Lambda" and function == "preprocess_input"):
            return True
    return False


def _input_is_unused(case: Case, event: Any) -> bool:
    """Whether the layer was called on something from before the model, not on a tensor inside it."""
    given = event.arguments.get("inputs")
    shape = getattr(given, "shape", None)
    wanted = case.model.inputs[0].shape
    return shape is not None and len(shape) == 4 and shape[-1] == wanted[-1]


def _entry(case: Case, backbone: Any) -> Any:
    try:
        return next((e for e in case.probes.entries if e.backbone == backbone), None)
    except ProbeError:
        return None
