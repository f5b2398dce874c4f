"""Accuracy as a function of the number of training pictures."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from headstart.core.numbers import Estimate
from headstart.runs.metrics import CurvePoint
from headstart.runs.report.svg import WIDTH, Scale, axes, chart, dot, line, path, text, ticks
from headstart.runs.report.words import count, percent

HEIGHT = 290.0
LABEL_ROOM = 40.0


def learning_curve(points: Sequence[CurvePoint], majority: Estimate) -> Markup:
    """The line, the band of its 95 % intervals, and the majority share where it is near.

    The number of pictures runs by its logarithm: each doubling takes the same room, as it
    takes about the same effort to pay.

    Args:
        points: Ascending in n_train, at least two.
        majority: Share of the most frequent class among the measured pictures.
    """
    sizes = [p.n_train for p in points]
    low, high = min(p.accuracy.low for p in points), max(p.accuracy.high for p in points)
    room = 0.04 * (high - low) or 0.02
    low, high = max(0.0, low - room), min(1.0, high + room)
    x = Scale(sizes[0], sizes[-1], 52.0, WIDTH - 16.0, logarithmic=True)
    y = Scale(low, high, HEIGHT - 50.0, 34.0)
    marks: list[tuple[float, str]] = []
    for size in reversed(sizes):
        if not marks or x(marks[-1][0]) - x(size) >= LABEL_ROOM:
            marks.append((size, count(size)))
    floor: list[str] = []
    if low <= majority.value <= high:
        at = y(majority.value)
        said = f"majority share {percent(majority.value)}"
        floor = [line(x.start, at, x.end, at, "base dashed"), text(x.end, at - 6, said, anchor="end")]
    band = [(x(p.n_train), y(p.accuracy.high)) for p in points]
    band += [(x(p.n_train), y(p.accuracy.low)) for p in reversed(points)]
    centre = [(x(p.n_train), y(p.accuracy.value)) for p in points]
    return chart(
        "learning",
        HEIGHT,
        "Accuracy as a function of training pictures",
        "; ".join(f"{count(p.n_train)} pictures: {percent(p.accuracy.value)}" for p in points) + ".",
        axes(
            x,
            y,
            marks,
            [(t, f"{100 * t:g} %") for t in ticks(low, high)],
            "Training pictures (each doubling takes the same room)",
            "Accuracy, with its 95 % interval",
        ),
        *floor,
        path(band, "band", closed=True),
        path(centre, "line first"),
        *(dot(cx, cy, "end first", 3.5) for cx, cy in centre),
    )
