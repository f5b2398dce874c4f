"""All records, and how one is found by its name."""

from __future__ import annotations

import difflib
import re

from headstart.backbones import (
    convnext,
    densenet,
    efficientnet,
    efficientnetv2,
    inception,
    lite,
    mobilenet,
    mobilenetv2,
    mobilenetv3,
    nasnet,
    resnet,
    vgg,
    xception,
)
from headstart.backbones.files import place, weights_here
from headstart.backbones.records import Backbone, BackboneRow
from headstart.core.errors import BackboneError

_FAMILIES = (
    lite,
    vgg,
    resnet,
    mobilenet,
    mobilenetv2,
    mobilenetv3,
    efficientnet,
    efficientnetv2,
    convnext,
    densenet,
    inception,
    nasnet,
    xception,
)


def all_backbones() -> tuple[Backbone, ...]:
    """Every backbone, family by family."""
    return tuple(backbone for family in _FAMILIES for backbone in family.BACKBONES)


def find(name: str) -> Backbone:
    """The backbone of a name; case, hyphens and underscores do not matter.

    Raises:
        BackboneError: If there is none; names the nearest.
    """
    known = {_plain(backbone.name): backbone for backbone in all_backbones()}
    found = known.get(_plain(name))
    if found is not None:
        return found
    near = [known[match].name for match in difflib.get_close_matches(_plain(name), known, n=3, cutoff=0.5)]
    hint = (
        f"did you mean {' or '.join(near)}? `headstart backbones` lists all"
        if near
        else ("choose one from `headstart backbones`")
    )
    raise BackboneError(
        "A backbone is one of those that `headstart backbones` lists", f"backbone={name!r}", hint
    )


def table() -> tuple[BackboneRow, ...]:
    """Every backbone with whether its weights are on this machine; imports no Keras."""
    return tuple(
        BackboneRow(
            backbone, weights_here(backbone), backbone.weights.package or str(place(backbone.weights))
        )
        for backbone in all_backbones()
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.lower())
