"""Whether pixels are scaled in the script, and whether a later picture is given as it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.doctor.records import Number
from headstart.doctor.rest.values import Val

if TYPE_CHECKING:
    from headstart.doctor.case import Case

SCALERS = ("Rescaling", "Normalization", "Lambda", "BatchNormalization", "LayerNormalization")
"""Layers that may do the scaling themselves."""

INSIDE = ("efficientnet", "efficientnet_v2", "mobilenet_v3", "convnext")
"""Families that scale inside."""


def scaled_outside(case: Case) -> dict[str, Number] | None:
    """The range of the pixels that training gives, where they are scaled and no layer scales; else None."""
    x = case.train.x if case.train is not None else None
    if not isinstance(x, np.ndarray) or x.ndim != 4 or x.shape[-1] not in (1, 3) or x.dtype.kind != "f":
        return None
    if any(type(layer).__name__ in SCALERS[:3] for layer in case.layers):
        return None
    if any(backbone.family in INSIDE for backbone in case.backbones):
        return None
    flow = case.probes.flow
    first = next((p for p in flow.passes if p.layer.weights and p.entered is not None), None)
    if first is None or type(first.layer).__name__ in SCALERS:
        return None
    low, high = float(x.min()), float(x.max())
    if high > 3.5 or low < -3.5 or high - low < 0.2:
        return None
    return {"lowest value in training": round(low, 3), "highest": round(high, 3)}


def raw_picture(value: Val) -> bool:
    """Whether it was read from a picture file and is still as it was read."""
    kinds = {tag.kind for tag in value.tags}
    return "picture" in kinds and not kinds & {"scaled", "opaque", "prediction"}
