"""The reliability diagram: how often a confidence is right."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from headstart.runs.metrics import CalibrationBin
from headstart.runs.report.svg import WIDTH, Scale, axes, chart, dot, line, text, ticks
from headstart.runs.report.words import percent

HEIGHT = 330.0


def reliability(bins: Sequence[CalibrationBin]) -> Markup:
    """Each bin as a dot with its 95 % interval, against the line of perfect calibration.

    Args:
        bins: At least one, ascending in confidence.
    """
    least = min(min(b.confidence, b.accuracy.value) for b in bins)
    start = max(0.0, min(0.9, math.floor(10 * least) / 10))
    x = Scale(start, 1.0, 52.0, WIDTH - 16.0)
    y = Scale(start, 1.0, HEIGHT - 50.0, 34.0)
    marks = [(t, f"{100 * t:g} %") for t in ticks(start, 1.0)]
    parts: list[str] = [
        axes(x, y, marks, marks, "Confidence of the answer", "How often it was right"),
        line(x(start), y(start), x(1), y(1), "base dashed"),
        text(x(start) + 10, y(1) + 20, "too modest"),
        text(x(1), y(start) - 10, "too sure", anchor="end"),
    ]
    for b in bins:
        at = x(b.confidence)
        parts += [
            line(at, y(b.accuracy.low), at, y(b.accuracy.high), "reach"),
            dot(at, y(b.accuracy.value), "mark", 4.5),
        ]
    described = "; ".join(
        f"said {percent(b.confidence)}, right {percent(b.accuracy.value)} (n = {b.accuracy.n})" for b in bins
    )
    return chart("reliability", HEIGHT, "Confidence against how often it was right", described + ".", *parts)
