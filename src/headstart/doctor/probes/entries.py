"""What reaches each backbone after all of the user's preprocessing, and in which style it is scaled."""

from __future__ import annotations

from dataclasses import dataclass
from types import GeneratorType
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.peek import peek
from headstart.doctor.capture.samples import take_rows
from headstart.doctor.capture.trace import Event
from headstart.doctor.pictures.styles import Style, style_of, to_raw
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.flow import Stats, stats
from headstart.doctor.probes.reaching import reached
from headstart.doctor.views.model import Backbone, backbones_in

if TYPE_CHECKING:
    from headstart.doctor.case import Case

ROWS = 64
"""Rows of a feature extraction that are looked at."""
MOST_EXTRACTED = 3
"""Nets of feature extractions that are looked at."""


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
        extracted: The `predict` before the fit that took features from a net which is not in the model.
    """

    backbone: Backbone
    stats: Stats
    given: Style
    wanted: str
    pixels: np.ndarray[Any, Any] | None
    raw: np.ndarray[Any, Any] | None
    trained: bool
    extracted: Event | None = None

    @property
    def fits(self) -> bool:
        """Whether the style is the wanted one, or cannot be told."""
        return self.given == "unknown" or self.given == ("raw" if self.wanted == "inside" else self.wanted)


def measure(case: Case) -> tuple[Entry, ...]:
    """One entry a backbone with three channels in its input, in the model or used for features before."""
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
    return (*found, *_extracted(case, {id(entry.backbone.model) for entry in found}))


def _extracted(case: Case, seen: set[int]) -> list[Entry]:
    """Entries of nets that `predict` took features from, to train a model on them."""
    found: list[Entry] = []
    for event in case.trace.of_kind("predict"):
        if event.subject is case.model or (case.fit is not None and event.order > case.fit.order):
            continue
        for backbone in backbones_in(event.subject, case.trace):
            if id(backbone.model) in seen or len(found) >= MOST_EXTRACTED:
                continue
            seen.add(id(backbone.model))
            pixels = _entering(event, backbone)
            if pixels is None or pixels.ndim != 4 or pixels.shape[-1] != 3:
                continue
            seen_stats = stats(pixels)
            given = style_of(seen_stats)
            trained = _trained(case, backbone)
            raw = to_raw(pixels, given)
            found.append(Entry(backbone, seen_stats, given, backbone.style, pixels, raw, trained, event))
    return found


def _entering(event: Event, backbone: Backbone) -> np.ndarray[Any, Any] | None:
    """What a backbone was given by a `predict`, for a few rows spread over all."""
    x: Any = event.arguments.get("x")
    if hasattr(x, "shape") and hasattr(x, "__getitem__") and len(x.shape) == 4 and x.shape[0]:
        rows = take_rows(x, np.unique(np.linspace(0, x.shape[0] - 1, ROWS).astype(int)))
    elif isinstance(x, GeneratorType):
        return None
    else:
        sample, _ = peek(x, most=2)
        rows = take_rows(sample.x, slice(0, ROWS)) if sample.batches else None
    if rows is None:
        return None
    targets = {id(layer) for layer in backbone.model.layers if type(layer).__name__ != "InputLayer"}
    try:
        return reached(event.subject, targets, rows)
    except ProbeError:
        return None


def _trained(case: Case, backbone: Backbone) -> bool:
    if backbone.stand_in:
        return False
    if backbone.weights is not None:
        return True
    loaded = case.trace.of_kind("load-weights")
    return any(e.subject is backbone.model or e.subject is case.model for e in loaded)
