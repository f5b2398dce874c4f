"""Loss and accuracy of each epoch, in training and in validation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from markupsafe import Markup

from headstart.runs.report.data import Epoch
from headstart.runs.report.svg import WIDTH, Scale, apart, axes, chart, dot, line, path, text, ticks
from headstart.runs.report.words import number

HEIGHT = 270.0


def epoch_curves(epochs: Sequence[Epoch], best: int | None) -> tuple[Markup, Markup]:
    """The chart of the loss and the chart of the accuracy.

    Args:
        epochs: In order, at least one.
        best: The number of the epoch whose weights were kept, or None.
    """
    loss = _curve("loss", "Loss", epochs, lambda e: (e.loss, e.validation_loss), best, share=False)
    accuracy = _curve(
        "accuracy", "Accuracy", epochs, lambda e: (e.accuracy, e.validation_accuracy), best, share=True
    )
    return loss, accuracy


def _curve(
    name: str,
    title: str,
    epochs: Sequence[Epoch],
    values: Callable[[Epoch], tuple[float, float]],
    best: int | None,
    *,
    share: bool,
) -> Markup:
    numbers = [e.number for e in epochs]
    lines = list(zip(*(values(e) for e in epochs), strict=True))
    finite = [v for one in lines for v in one if math.isfinite(v)]
    if not finite:
        return Markup("")
    low, high = min(finite), max(finite)
    room = 0.06 * (high - low) or 0.05
    low, high = max(0.0, low - room), min(1.0, high + room) if share else high + room
    x = Scale(numbers[0], numbers[-1], 52.0, WIDTH - 78.0)
    y = Scale(low, high, HEIGHT - 48.0, 36.0)
    across = [t for t in ticks(numbers[0], numbers[-1], 6) if t == int(t)]
    up = ticks(low, high)
    parts: list[str] = [
        axes(x, y, [(t, f"{t:g}") for t in across], [(t, _said(t, share)) for t in up], "Epoch", title)
    ]
    if best is not None and numbers[0] <= best <= numbers[-1]:
        parts += [
            line(x(best), y.start, x(best), y.end, "best"),
            text(x(best), y.end - 5, f"kept: epoch {best}", anchor="middle" if len(numbers) > 1 else "start"),
        ]
    ends = []
    for one, kind in zip(lines, ("second", "first"), strict=True):
        points = [(x(n), y(v)) for n, v in zip(numbers, one, strict=True) if math.isfinite(v)]
        if points:
            parts += [path(points, f"line {kind}"), dot(*points[-1], f"end {kind}", 3.5)]
            ends.append((points[-1], "training" if kind == "second" else "validation", kind))
    places = apart([point[1] for point, _, _ in ends], 16)
    for ((right, _), said, kind), place in zip(ends, places, strict=True):
        parts.append(text(right + 9, place + 4, said, class_=f"label said-{kind}"))
    training, validation = (one[-1] for one in lines)
    described = f"After epoch {numbers[-1]}: training {number(training)}, validation {number(validation)}."
    return chart(name, HEIGHT, f"{title} of each epoch", described, *parts)


def _said(value: float, share: bool) -> str:
    return f"{100 * value:g} %" if share else f"{value:g}"
