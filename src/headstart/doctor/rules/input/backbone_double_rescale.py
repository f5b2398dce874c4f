"""Pixels are scaled before a backbone that scales them itself.

What it is
    EfficientNet, EfficientNetV2, MobileNetV3 and ConvNeXt begin with a scaling layer of their own and want
    pixels from 0 to 255. Their `preprocess_input` does nothing.

Why it hurts
    What was scaled already is divided a second time: all pictures become almost the same grey, the
    features are nearly constant, and training stays at chance.

Wrong
    ImageDataGenerator(rescale=1 / 255) ... EfficientNetB0(include_top=False)

Right
    ImageDataGenerator() ... EfficientNetB0(include_top=False)

How it was measured
    The tensor that enters the backbone, after all preprocessing wherever it is done, lies in a scaled
    range. With trained weights the same pictures are sent through raw as well, and the features compared.

When it is wrong
    `include_preprocessing=False` takes the net's own layer away, and other packages' EfficientNet does want
    scaled pixels: the rule only knows the nets of `keras.applications`, and looks at how they were built.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.pictures.faults import INSIDE
from headstart.doctor.pictures.scaling import unscaled
from headstart.doctor.pictures.styles import RANGE
from headstart.doctor.records import Finding
from headstart.doctor.rules.input._backbone import entries_of, proof, spot

NAME = INSIDE
GROUP = "input"
FIXES = True

EXPLAINS = (
    "domain-features-weak",
    "loss-not-falling",
    "wrong-application-preprocess",
    "vanishing-gradient",
    "dead-relu",
)


def check(case: Case) -> Iterable[Finding]:
    """Looks at what enters nets that scale inside."""
    for entry, compared in entries_of(case, NAME):
        evidence, cost = proof(entry, compared)
        place, _, found = spot(case, entry)
        edit = unscaled(case, found)
        yield Finding(
            NAME,
            "error",
            place,
            f"{entry.backbone.name} scales pixels itself and wants 0 to 255, but gets them from"
            f" {RANGE[entry.given]}",
            evidence,
            EXPLAINS,
            edit,
            cost=max(cost, 0.3),
        )
