"""The few strokes that every chart is drawn with.

Colours and type sizes are classes of the page's style sheet, so that a chart follows the reader's
light or dark screen and the printer. Text sizes assume that a chart is shown about as wide as its
view box, 420 units, which a phone nearly does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup, escape

WIDTH = 420.0
"""Units of a chart's view box."""


def tag(name: str, *children: str, **attributes: str | float | None) -> Markup:
    """An element; what is not markup already is escaped.

    A trailing underscore is cut from an attribute's name and the others become hyphens
    (`class_`, `text_anchor`); None leaves an attribute out.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{said}>{''.join(escape(child) for child in children)}</{name}>")


def chart(name: str, height: float, title: str, description: str, *children: str) -> Markup:
    """A chart with the words that stand for it where it cannot be seen.

    Args:
        name: Different for each chart of the page.
        height: In units of the view box.
        title: What it shows.
        description: What there is to see in it.
        children: Its elements.
    """
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-desc"),
        *children,
        class_="chart",
        viewBox=f"0 0 {WIDTH:g} {height:g}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def text(x: float, y: float, said: str, *, anchor: str = "start", class_: str = "label") -> Markup:
    """A line of text; anchor is 'start', 'middle' or 'end'."""
    return tag("text", said, x=x, y=y, text_anchor=None if anchor == "start" else anchor, class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def path(points: Iterable[tuple[float, float]], class_: str, *, closed: bool = False) -> Markup:
    """A line through points, or the area that it encloses."""
    steps = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return tag("polygon" if closed else "polyline", points=steps, class_=class_)


def dot(x: float, y: float, class_: str, radius: float = 4.0) -> Markup:
    """A round mark."""
    return tag("circle", cx=x, cy=y, r=radius, class_=class_)


@dataclass(frozen=True)
class Scale:
    """Carries values in low..high to units in start..end, straight or by the logarithm."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        """Where a value lies; one that is outside lies at the end."""
        low, high = self.low, self.high
        if self.logarithmic:
            low, high, value = math.log(low), math.log(high), math.log(value)
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round values (1, 2 or 5 times a power of ten apart) within low..high."""
    if not high > low:
        return [low]
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1.0, 2.0, 5.0, 10.0) if m * power >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def axes(
    x: Scale,
    y: Scale,
    x_marks: Sequence[tuple[float, str]],
    y_marks: Sequence[tuple[float, str]],
    x_title: str,
    y_title: str,
) -> Markup:
    """Quiet rules across, numbers at the left and below, and what they mean.

    The title of the upright axis lies flat above it, where it can be read without turning the head.
    """
    parts: list[str] = [text(0, y.end - 16, y_title, class_="label axis")]
    for value, said in y_marks:
        parts += [
            line(x.start, y(value), x.end, y(value), "rule"),
            text(x.start - 8, y(value) + 4, said, anchor="end"),
        ]
    for value, said in x_marks:
        parts += [
            line(x(value), y.start, x(value), y.start + 4, "tick"),
            text(x(value), y.start + 19, said, anchor="middle"),
        ]
    parts += [
        line(x.start, y.start, x.end, y.start, "tick"),
        text((x.start + x.end) / 2, y.start + 39, x_title, anchor="middle", class_="label axis"),
    ]
    return Markup("").join(parts)


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Moves the places of labels as little as keeps them `gap` units from one another."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = list(places)
    for before, after in pairwise(order):
        lack = gap - (moved[after] - moved[before])
        if lack > 0:
            moved[before] -= lack / 2
            moved[after] += lack / 2
    return moved


def _short(value: str | float) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
