"""Pictures read by OpenCV go to a backbone with blue in the place of red.

What it is
    `cv2.imread` gives blue, green, red. All nets of `keras.applications` are given red, green, blue;
    those that want the other order turn it round in their own `preprocess_input`.

Why it hurts
    The filters for colours see the wrong ones: skin is blue, sky is orange. Classes that differ by colour
    lose most.

Wrong
    image = cv2.imread(path)

Right
    image = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)

How it was measured
    The pixels that OpenCV gave are found again in what reaches the backbone, after its scaling is undone:
    channel by channel, in the order that OpenCV has and not in the other.

When it is wrong
    A conversion by cvtColor, or by turning the last axis round, shows in the pixels. A net trained from
    scratch has no order of its own, and grey pictures have none at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from headstart.doctor.case import Case
from headstart.doctor.probes.entries import Entry
from headstart.doctor.records import Finding

NAME = "channel-order-bgr"
GROUP = "input"

EXPLAINS = ("domain-features-weak",)

Array = np.ndarray[Any, Any]

COLOUR = 6.0
"""Mean difference of red and blue, of 255, from which pictures have colour."""
SAME = 2.5
"""Distance of the means, of 255, up to which a picture is found again."""
FEWEST = 4


def check(case: Case) -> Iterable[Finding]:
    """Finds OpenCV's pictures again in what reaches each backbone."""
    read = [e for e in case.trace.of_kind("opencv") if e.name in ("imread", "imdecode")]
    pictures = [e for e in read if isinstance(e.result, np.ndarray) and e.result.ndim == 3]
    pictures = [e for e in pictures if e.result.shape[-1] == 3]
    if len(pictures) < FEWEST:
        return
    for entry in case.probes.entries:
        if not (entry.trained or entry.backbone.stand_in) or entry.raw is None:
            continue
        found = _order(entry, [e.result for e in pictures])
        if found is None or found[0] * 3 > found[1]:
            continue
        yield Finding(
            NAME,
            "warning",
            pictures[0].place,
            f"OpenCV's blue, green, red reaches {entry.backbone.name}, which was trained on red, green, blue",
            {
                "difference from OpenCV's pictures in their own order": round(found[0], 2),
                "with the channels turned round": round(found[1], 2),
                "pictures": len(pictures),
            },
            EXPLAINS,
            cost=0.05,
        )


def _order(entry: Entry, pictures: list[Array]) -> tuple[float, float] | None:
    """How far the nearest rows are from OpenCV's pictures, in its own order and turned round."""
    assert entry.raw is not None
    rows = _means(entry.raw)
    read = np.concatenate([_means(p[None]) for p in pictures])
    read = read[np.abs(read[:, 0] - read[:, -1]) > COLOUR]
    if len(read) < FEWEST:
        return None
    own, turned = cdist(read, rows).min(axis=1), cdist(read[:, ::-1], rows).min(axis=1)
    # Only pictures that are found again: the sample holds some of all that were read.
    there = np.minimum(own, turned) <= SAME
    if there.sum() < FEWEST:
        return None
    return float(own[there].mean()), float(turned[there].mean())


def _means(pictures: Array) -> Array:
    """The mean of each channel, which resizing hardly changes."""
    return np.asarray(pictures.reshape(len(pictures), -1, 3).mean(axis=1, dtype=np.float64))
