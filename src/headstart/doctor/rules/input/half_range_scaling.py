"""Pixels from 0 to 1 reach a pretrained backbone whose weights were trained on -1 to 1.

What it is
    MobileNet, MobileNetV2, Xception, Inception, ResNetV2 and NASNet were trained on pixels from -1 to 1.
    Division by 255 gives only the upper half of that range.

Why it hurts
    Every picture looks bright and pale to the filters. A few points of accuracy are lost, and the head
    learns more slowly; there is no error.

Wrong
    layers.Rescaling(1 / 255), MobileNetV2(include_top=False)

Right
    layers.Rescaling(1 / 127.5, offset=-1), MobileNetV2(include_top=False)

How it was measured
    The tensor that enters the backbone lies within 0 to 1. With trained weights the same pictures are
    sent through in both ranges, and the features compared.

When it is wrong
    A net that is trained from random weights likes 0 to 1 as well as any other range: the rule is silent
    there.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.pictures.faults import HALF
from headstart.doctor.pictures.scaling import own_scaling
from headstart.doctor.records import Finding
from headstart.doctor.rules.input._backbone import entries_of, proof, spot

NAME = HALF
GROUP = "input"
FIXES = True

EXPLAINS = ("domain-features-weak", "wrong-application-preprocess")


def check(case: Case) -> Iterable[Finding]:
    """Looks for [0, 1] where [-1, 1] is wanted."""
    for entry, compared in entries_of(case, NAME):
        evidence, cost = proof(entry, compared)
        place, scaler, found = spot(case, entry)
        edit = own_scaling(case, entry.backbone, scaler) if scaler is not None and len(found) == 1 else None
        yield Finding(
            NAME,
            "warning",
            place,
            f"{entry.backbone.name} gets pixels from 0 to 1, but its weights were trained on -1 to 1",
            evidence,
            EXPLAINS,
            edit,
            cost=cost,
        )
