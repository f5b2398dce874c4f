"""An estimate as a dot on its interval: large in the headline, small in the table of classes."""

from __future__ import annotations

from markupsafe import Markup

from headstart.core.numbers import Estimate
from headstart.runs.report.svg import WIDTH, Scale, chart, dot, line, tag, text
from headstart.runs.report.words import percent, percent_range


def headline_scale(accuracy: Estimate, majority: Estimate) -> Markup:
    """Accuracy and majority share on one line from 0 to 100 %."""
    if accuracy.n == 0:
        return Markup("")
    x = Scale(0.0, 1.0, 0.0, WIDTH)
    at, base, low, high = x(accuracy.value), x(majority.value), x(accuracy.low), x(accuracy.high)
    return chart(
        "headline",
        76,
        "Accuracy beside the majority share",
        f"Accuracy {percent(accuracy.value)}, 95 % interval {percent_range(accuracy)}; "
        f"majority share {percent(majority.value)}.",
        tag("rect", x=x(0), y=33.0, width=x(1) - x(0), height=6.0, rx=3.0, class_="track"),
        tag("rect", x=x(0), y=33.0, width=base - x(0), height=6.0, rx=3.0, class_="track-base"),
        tag("rect", x=low, y=30.0, width=max(2.0, high - low), height=12.0, rx=4.0, class_="interval"),
        dot(at, 36, "mark", 6.5),
        text(at, 18, f"accuracy {percent(accuracy.value)}", anchor=_anchor(at), class_="label strong"),
        line(base, 28, base, 46, "base"),
        text(base, 64, f"majority share {percent(majority.value)}", anchor=_anchor(base)),
    )


def small_interval(e: Estimate) -> Markup:
    """A share on its interval, 96 units wide; the numbers stand beside it, so it is only decoration."""
    if e.n == 0:
        return Markup("")
    x = Scale(0.0, 1.0, 4.0, 92.0)
    return tag(
        "svg",
        line(x(0), 7, x(1), 7, "rule"),
        line(x(e.low), 7, x(e.high), 7, "reach"),
        dot(x(e.value), 7, "mark", 3.5),
        class_="spark",
        viewBox="0 0 96 14",
        aria_hidden="true",
    )


def _anchor(x: float) -> str:
    return "start" if x < 0.2 * WIDTH else "end" if x > 0.8 * WIDTH else "middle"
