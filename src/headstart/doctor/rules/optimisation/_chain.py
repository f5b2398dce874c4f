"""Which layer feeds which, told from the numbers that pass: it holds for every way to write a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.probes.flow import Flow, Pass, Stats

SEEN_THROUGH = (
    "Dropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
    "Flatten",
    "Reshape",
    "Identity",
    "AveragePooling1D",
    "AveragePooling2D",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "InputLayer",
)
"""Layers that are linear at inference, so that what is linear before and after them is so together."""
WEIGHTED = ("Dense", "Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose")
"""Layers that multiply by weights and add a bias."""


@dataclass(frozen=True)
class Link:
    """Two weighted layers with nothing between them but what is linear.

    Attributes:
        first, second: The passes of the two.
        between: The layers between.
    """

    first: Pass
    second: Pass
    between: tuple[Any, ...]


def leaves(flow: Flow) -> list[Pass]:
    """The passes of layers that hold no other layers, in the order in which they ran."""
    return [p for p in flow.passes if not list(p.layer._flatten_layers(include_self=False, recursive=False))]


def own_leaves(case: Case) -> list[Pass]:
    """The same without the layers of pretrained nets."""
    inside = {
        id(layer)
        for backbone in case.backbones
        for layer in backbone.model._flatten_layers(include_self=False)
    }
    return [p for p in leaves(case.probes.flow) if id(p.layer) not in inside]


def links(case: Case) -> list[Link]:
    """Every pair of weighted layers of which the first hands its numbers straight on to the second."""
    passes = own_leaves(case)
    found = []
    for index, done in enumerate(passes):
        if type(done.layer).__name__ not in WEIGHTED or done.left is None:
            continue
        between: list[Any] = []
        at, start = done, index + 1
        while True:
            readers = [p for p in passes[start:] if _same(p.entered, at.left)]
            if len(readers) != 1:
                break
            reader = readers[0]
            start = passes.index(reader) + 1
            if type(reader.layer).__name__ in WEIGHTED:
                found.append(Link(done, reader, tuple(between)))
                break
            if type(reader.layer).__name__ not in SEEN_THROUGH or reader.left is None:
                break
            between.append(reader.layer)
            at = reader
    return found


def _same(one: Stats | None, other: Stats | None) -> bool:
    if one is None or other is None:
        return False
    return (one.shape, one.low, one.high, one.mean, one.std) == (
        other.shape,
        other.low,
        other.high,
        other.mean,
        other.std,
    )
