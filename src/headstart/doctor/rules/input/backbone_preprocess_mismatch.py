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
    weights; raw pixels, [0, 1] in place of [-1, 1], and scaling done twice have rules of their own.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.pictures.faults import MISMATCH, flat
from headstart.doctor.pictures.scaling import own_scaling
from headstart.doctor.pictures.styles import RANGE
from headstart.doctor.records import Finding
from headstart.doctor.rules.input._backbone import entries_of, proof, spot

NAME = MISMATCH
GROUP = "input"
FIXES = True

EXPLAINS = ("wrong-application-preprocess", "domain-features-weak")


def check(case: Case) -> Iterable[Finding]:
    """Compares the style that arrives with the one that is wanted."""
    for entry, compared in entries_of(case, NAME):
        evidence, cost = proof(entry, compared)
        place, scaler, found = spot(case, entry)
        # With scaling in several spots, which one to change is the user's to say.
        plain = scaler is not None and len(found) == 1 and not flat(entry)
        edit = own_scaling(case, entry.backbone, scaler) if plain and scaler is not None else None
        name = entry.backbone.name
        given, wanted = RANGE[entry.given], RANGE[entry.wanted]
        message = f"{name} gets pixels from {given}, but its weights were trained on {wanted}"
        if flat(entry):
            message = (
                f"the mean of pixels 0 to 255 is taken off pixels that were scaled to 0 to 1 before {name}"
            )
        yield Finding(NAME, "warning", place, message, evidence, EXPLAINS, edit, cost=cost)
