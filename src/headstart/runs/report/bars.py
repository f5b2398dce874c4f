"""Where the time went, as one bar."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from headstart.runs.report.data import Stage
from headstart.runs.report.svg import WIDTH, chart, tag
from headstart.runs.report.words import duration

SHADES = 6
"""How many fills the style sheet has (`part-0` and on)."""


def with_rest(stages: Sequence[Stage], seconds: float) -> tuple[Stage, ...]:
    """The stages, and what of the whole run they leave over where that is a hundredth or more."""
    rest = seconds - sum(one.seconds for one in stages)
    return (*stages, Stage("everything else", rest)) if rest > 0.01 * seconds else tuple(stages)


def stacked(stages: Sequence[Stage]) -> Markup:
    """The stages in order, each as wide as its share of the time."""
    total = sum(one.seconds for one in stages)
    if total <= 0:
        return Markup("")
    parts: list[str] = []
    at = 0.0
    for i, one in enumerate(stages):
        width = WIDTH * one.seconds / total
        # A hairline of the page's colour keeps neighbours apart without relying on hue.
        parts.append(
            tag("rect", x=at, y=0.0, width=max(0.5, width - 1.5), height=22.0, class_=f"part-{i % SHADES}")
        )
        at += width
    described = ", ".join(f"{one.name} {duration(one.seconds)}" for one in stages)
    return chart("time", 22, "Where the time went", described + ".", *parts)
