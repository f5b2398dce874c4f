"""Pixels are scaled down twice, so that every picture is almost the same grey.

What it is
    One spot divides by 255 and another does it again: a generator and a `Rescaling` layer, a division and
    `preprocess_input`. What is left of 0 to 255 spans less than a hundredth of what the net expects.

Why it hurts
    All inputs are nearly equal. The first layers give the same for every picture, gradients are tiny, and
    the loss stays flat for epochs.

Wrong
    x_train = x_train / 255
    model = Sequential([Rescaling(1 / 255), ...])

Right
    model = Sequential([Rescaling(1 / 255), ...])

How it was measured
    The range of the tensor that enters the first layer with weights, or the backbone: all of it within
    about 1/255 of one unit. For nets of one's own, a scaling layer in the model is seen to be given
    scaled pixels, or the script has two divisions.

When it is wrong
    Very dark pictures that were divided once have whole 255ths for values, and pictures faded by a mask are
    small for a few rows only: neither is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.pictures.faults import TWICE, squeezed
from headstart.doctor.pictures.scaling import divisions, undone
from headstart.doctor.probes.flow import Pass
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.rules.input._backbone import entries_of, proof, spot
from headstart.doctor.views.entering import first_weights, is_picture

NAME = TWICE
GROUP = "input"
FIXES = True

EXPLAINS = (
    "loss-not-falling",
    "vanishing-gradient",
    "domain-features-weak",
    "rate-too-low",
    "dead-relu",
    "optimiser-default-weak",
)


def check(case: Case) -> Iterable[Finding]:
    """Looks at the entry of backbones, and of the first layer with weights elsewhere."""
    found = False
    for entry, compared in entries_of(case, NAME):
        evidence, cost = proof(entry, compared)
        place, _, _ = spot(case, entry)
        found = True
        name = entry.backbone.name
        yield _finding(f"pixels were scaled down twice before {name}", place, evidence, None, max(cost, 0.3))
    if not found and not case.backbones:
        yield from _own(case)


def _finding(
    message: str, place: Place | None, evidence: dict[str, Any], edit: Edit | None, cost: float
) -> Finding:
    return Finding(NAME, "error", place, message, evidence, EXPLAINS, edit, cost=cost)


def _own(case: Case) -> Iterable[Finding]:
    first = first_weights(case)
    if first is None or first.entered is None or not is_picture(first) or not squeezed(first.entered):
        return
    passes = [p for p in case.probes.flow.passes if type(p.layer).__name__ == "Rescaling" and p.entered]
    again = [p for p in passes if _scaled_already(p)]
    texts = divisions(case)
    if again:
        place = case.place_of(again[0].layer)
    elif len(passes) + len(texts) >= 2 or _generator(case, texts):
        if first.input is not None and _whole_255ths(first.input):
            return
        place = texts[-1] if texts else case.place_of(passes[-1].layer)
    else:
        return
    stats = first.entered
    yield _finding(
        "pixels are scaled down twice before the first layer with weights, so all pictures look alike to it",
        place,
        {
            "lowest value at the first layer with weights": round(stats.low, 6),
            "highest": round(stats.high, 6),
            "spread": round(stats.std, 6),
        },
        undone(case, again[0].layer) if again else None,
        0.3,
    )


def _scaled_already(done: Pass) -> bool:
    """Whether a scaling layer is given pixels that lie within -1..1."""
    scale = getattr(done.layer, "scale", 1.0)
    small = isinstance(scale, int | float) and 0 < scale <= 1 / 50
    return bool(small and done.entered and done.entered.low >= -1.05 and done.entered.high <= 1.05)


def _generator(case: Case, texts: list[Place]) -> bool:
    """Whether a generator scales what the text has scaled before."""
    return bool(texts) and any(e.arguments.get("rescale") for e in case.trace.of_kind("image-generator"))


def _whole_255ths(pixels: np.ndarray[Any, Any]) -> bool:
    times = pixels.astype(np.float64) * 255
    return bool(np.abs(times - np.round(times)).max() < 1e-3)
