"""Pixels reach a pretrained backbone scaled in another style than its weights were trained with.

What it is
    VGG and ResNet v1 want BGR less the ImageNet mean, MobileNet, Xception, Inception and ResNet v2 want
    [-1, 1], DenseNet wants standardised RGB. Pixels in the wrong style are no error to Keras.

Why it hurts
    The filters were tuned to a range; in another, biases outweigh the picture and the features of unlike
    pictures grow alike. With VGG19 on cats and dogs, [-1, 1] in place of its own style cost three to nine
    points of accuracy.

Wrong
    layers.Rescaling(1 / 127.5, offset=-1), VGG19(include_top=False)

Right
    layers.Lambda(keras.applications.vgg19.preprocess_input), VGG19(include_top=False)

How it was measured
    The tensor that enters the backbone, after all preprocessing wherever it is done, gives the style by its
    range and means. The same pictures are sent through the convolutional part under both styles: how alike
    the two feature spaces are, and what a linear classifier gets from each.

When it is wrong
    The same Rescaling is right for one family and wrong for another, and scaling may be done in a layer, in
    a map or in a generator: the rule only looks at what arrives. It is silent on nets without trained
    weights, on raw pixels and on scaling done twice, which have rules of their own.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.pixels import RANGE
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.entries import Entry
from headstart.doctor.probes.features import Comparison
from headstart.doctor.records import Finding, Severity
from headstart.doctor.scaling import own_scaling, scalers

NAME = "backbone-preprocess-mismatch"
GROUP = "input"
FIXES = True

EXPLAINS = ("wrong-application-preprocess", "domain-features-weak")

ALIKE = 0.9
"""Above this likeness of the feature spaces the style makes no difference."""
ENOUGH = 60
"""Pictures from which two accuracies are worth showing side by side."""


def check(case: Case) -> Iterable[Finding]:
    """Compares the style that arrives with the one that is wanted."""
    for entry in case.probes.entries:
        if not _matters(entry):
            continue
        if entry.backbone.stand_in:
            yield _finding(case, entry, None)
        elif entry.trained:
            try:
                compared = next((c for c in case.probes.features if c.entry == entry), None)
            except ProbeError:
                compared = None
            if compared is None or compared.likeness < ALIKE:
                yield _finding(case, entry, compared)


def _matters(entry: Entry) -> bool:
    return (
        not entry.fits
        and entry.wanted in ("caffe", "tf", "torch")
        and entry.given in ("unit", "tf", "torch", "caffe")
        and (entry.given, entry.wanted) != ("unit", "tf")
    )


def _finding(case: Case, entry: Entry, compared: Comparison | None) -> Finding:
    stats = entry.stats
    evidence: dict[str, Any] = {
        "lowest value at its input": round(stats.low, 3),
        "highest": round(stats.high, 3),
        "means by channel": ", ".join(f"{m:.2f}" for m in stats.channel_means),
        "its own range": RANGE[entry.wanted],
    }
    severity: Severity = "warning"
    cost = 0.05
    if compared is not None:
        evidence["likeness of the features to those under its own scaling"] = round(compared.likeness, 3)
        evidence["pictures"] = compared.n
        if compared.n >= ENOUGH and compared.given is not None and compared.own is not None:
            evidence["linear classifier on the features as given"] = f"{compared.given:.3f}"
            evidence["under its own scaling"] = f"{compared.own:.3f}"
            cost = max(0.02, compared.gap)
    found = scalers(case, entry.backbone)
    scaler = found[0] if found else None
    place = scaler.place if scaler is not None else entry.backbone.place
    # With scaling in several spots, which one to change is the user's to say.
    edit = own_scaling(case, entry.backbone, scaler) if scaler is not None and len(found) == 1 else None
    return Finding(
        NAME,
        severity,
        place,
        f"{entry.backbone.name} gets pixels from {RANGE[entry.given]}, but its weights were trained on"
        f" {RANGE[entry.wanted]}",
        evidence,
        EXPLAINS,
        edit,
        cost=cost,
    )
