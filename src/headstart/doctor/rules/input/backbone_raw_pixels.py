"""Raw pixels, 0 to 255, reach a pretrained backbone that wants them scaled.

What it is
    Most nets of `keras.applications` were trained on scaled pixels and do not scale them themselves: each
    family has a `preprocess_input` for that, and the script uses none.

Why it hurts
    For weights that know -1 to 1 or a standardised range, the pixels are a hundred times too large:
    activations saturate, and the features say little about the picture.

Wrong
    base = MobileNetV2(include_top=False) ... base(images)

Right
    base(keras.applications.mobilenet_v2.preprocess_input(images))

How it was measured
    The tensor that enters the backbone, after all preprocessing wherever it is done, spans 0 to 255. With
    trained weights the same pictures are sent through scaled as well, and the features compared.

When it is wrong
    EfficientNet, MobileNetV3 and ConvNeXt want raw pixels. A net from random weights has no range that it
    wants. VGG bears raw pixels better than others do: where its features come out alike, the rule is
    silent.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.pictures.faults import RAW
from headstart.doctor.pictures.styles import RANGE
from headstart.doctor.records import Finding
from headstart.doctor.repair.entry_edit import scaled_at_entry
from headstart.doctor.rules.input._backbone import entries_of, proof, spot

NAME = RAW
GROUP = "input"
FIXES = True

EXPLAINS = ("domain-features-weak", "wrong-application-preprocess", "loss-not-falling")


def check(case: Case) -> Iterable[Finding]:
    """Looks for 0..255 where a scaled range is wanted."""
    for entry, compared in entries_of(case, NAME):
        evidence, cost = proof(entry, compared)
        # A division by 255 somewhere in the text has not reached these pixels.
        place, _, _ = spot(case, entry, "layer", "preprocess", "generator")
        yield Finding(
            NAME,
            "warning",
            place,
            f"{entry.backbone.name} gets raw pixels from 0 to 255, but its weights were trained on"
            f" {RANGE[entry.wanted]}",
            evidence,
            EXPLAINS,
            scaled_at_entry(case, entry.backbone) if entry.extracted is None else None,
            cost=max(cost, 0.1),
        )
