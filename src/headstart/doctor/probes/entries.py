"""What reaches each backbone after all of the user's preprocessing, and in which style it is scaled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.model_view import Backbone
from headstart.doctor.pixels import Style, style_of, to_raw
from headstart.doctor.probes.flow import Stats

if TYPE_CHECKING:
    from headstart.doctor.case import Case


@dataclass(frozen=True)
class Entry:
    """What reaches a backbone.

    Attributes:
        backbone: The net.
        stats: Of the tensor that enters it.
        given: The style that it is scaled in.
        wanted: The style that the net's weights were trained with ("inside" wants 0..255).
        pixels: The tensor, of shape (rows, height, width, 3), where it was kept.
        raw: The same as RGB 0..255, where the scaling can be undone.
        trained: Whether the net has trained weights, given by `weights=` or loaded since.
    """

    backbone: Backbone
    stats: Stats
    given: Style
    wanted: str
    pixels: np.ndarray[Any, Any] | None
    raw: np.ndarray[Any, Any] | None
    trained: bool

    @property
    def fits(self) -> bool:
        """Whether the style is the wanted one, or cannot be told."""
        return self.given == "unknown" or self.given == ("raw" if self.wanted == "inside" else self.wanted)


def measure(case: Case) -> tuple[Entry, ...]:
    """One entry a backbone with three channels in its input."""
    flow = case.probes.flow
    found = []
    for backbone in case.backbones:
        first = flow.entry(backbone.model)
        if first is None or first.entered is None or len(first.entered.shape) != 4:
            continue
        if first.entered.shape[-1] != 3:
            continue
        given = style_of(first.entered)
        raw = to_raw(first.input, given) if first.input is not None else None
        found.append(
            Entry(backbone, first.entered, given, backbone.style, first.input, raw, _trained(case, backbone))
        )
    return tuple(found)


def _trained(case: Case, backbone: Backbone) -> bool:
    if backbone.stand_in:
        return False
    if backbone.weights is not None:
        return True
    loaded = case.trace.of_kind("load-weights")
    return any(e.subject is backbone.model or e.subject is case.model for e in loaded)
