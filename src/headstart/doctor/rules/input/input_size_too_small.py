"""Pictures are so small that the backbone's map has shrunk to a single place.

What it is
    Most backbones halve their input five times. Of 32 by 32 pixels one place is left, and the filters of
    the later layers look mostly at padding.

Why it hurts
    The pretrained filters know things of some dozens of pixels. At a fraction of that size they answer
    weakly.

Wrong
    base = VGG16(include_top=False, input_shape=(32, 32, 3))

Right
    x = layers.Resizing(96, 96)(inputs); base = VGG16(include_top=False, input_shape=(96, 96, 3))

How it was measured
    The last map of the live net is one place wide. The same pictures, enlarged three times, are sent
    through its trained weights too: a linear classifier gets clearly more from those features.

When it is wrong
    160 or 192 pixels for a net of 224 are fine, and a net from random weights has no size that it knows.
    Without trained weights at hand there is no measurement: then this is only a remark.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case, class_ids
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.entries import Entry
from headstart.doctor.probes.features import SIDE, linear_accuracy, trunk_of
from headstart.doctor.records import Finding

NAME = "input-size-too-small"
GROUP = "input"

EXPLAINS = ("domain-features-weak",)

SMALL = 48
"""Sides above this many pixels are never named."""
ROWS = 96
GAIN = 0.05
"""Accuracy that larger pictures must gain, beyond what chance explains."""


def check(case: Case) -> Iterable[Finding]:
    """Looks at the last map of each backbone."""
    if not case.backbones:
        return
    for entry in case.probes.entries:
        side = max(entry.stats.shape[1:3])
        last = case.probes.flow.feature_map(entry.backbone.model)
        if (
            side > SMALL
            or not (entry.trained or entry.backbone.stand_in)
            or last is None
            or last.left is None
        ):
            continue
        if max(last.left.shape[1:3]) > 1:
            continue
        gain = _gain(case, entry) if entry.trained and entry.fits else None
        if gain is not None and gain[1] - gain[0] < GAIN:
            continue
        evidence: dict[str, object] = {"pixels of a side": side, "places of the last map": "1 x 1"}
        if gain is not None:
            evidence["linear classifier on the features"] = round(gain[0], 3)
            evidence[f"with pictures enlarged to {SIDE} pixels"] = round(gain[1], 3)
        yield Finding(
            NAME,
            "info" if gain is None else "warning",
            entry.backbone.place,
            f"pictures of {side} pixels leave a single place in the last map of {entry.backbone.name}",
            evidence,  # type: ignore[arg-type]
            EXPLAINS,
            cost=0.0 if gain is None else gain[1] - gain[0],
        )


def _gain(case: Case, entry: Entry) -> tuple[float, float] | None:
    """Accuracy of a linear classifier on the features, as given and enlarged; None where it may be chance."""
    import keras

    if entry.pixels is None or entry.extracted is not None:
        return None
    pixels = np.asarray(entry.pixels[:ROWS], dtype=np.float32)
    ids = class_ids(case.probes.flow.y)
    if ids is None or len(ids) < len(pixels) or len(pixels) < 40:
        return None
    large = keras.ops.convert_to_numpy(keras.ops.image.resize(pixels, (SIDE, SIDE)))
    try:
        trunk, _ = trunk_of(entry.backbone.model)
        found = [
            linear_accuracy(trunk(pictures).mean(axis=(1, 2)), ids[: len(pixels)])
            for pictures in (pixels, large)
        ]
    except (ProbeError, ValueError):
        return None
    small, wide = found
    if small is None or wide is None or wide.low < small.value:
        return None
    return small.value, wide.value
