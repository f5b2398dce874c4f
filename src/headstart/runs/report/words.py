"""Numbers and findings as plain English."""

from __future__ import annotations

import math
from collections.abc import Sequence

from headstart.core.numbers import Estimate
from headstart.runs.metrics import CurvePoint, Metrics
from headstart.runs.report.data import Agreement

THIN = "\N{NARROW NO-BREAK SPACE}"
NONE = "\N{EN DASH}"


def percent(value: float, digits: int = 1) -> str:
    """A share as '98.6 %', or a dash where there is none; what is not all is never shown as 100."""
    if not math.isfinite(value):
        return NONE
    said = f"{100 * value:.{digits}f}"
    if value < 1.0 and said == f"{100:.{digits}f}":
        return f"> {100 - 10.0**-digits:.{digits}f}{THIN}%"
    return f"{said}{THIN}%"


def percent_range(e: Estimate, digits: int = 1) -> str:
    """The 95 % interval of a share, '97.1 to 99.3 %'."""
    if not (math.isfinite(e.low) and math.isfinite(e.high)):
        return NONE
    return f"{100 * e.low:.{digits}f} to {100 * e.high:.{digits}f}{THIN}%"


def number(value: float, digits: int = 3) -> str:
    """A number with a fixed count of digits, or a dash where there is none."""
    return f"{value:.{digits}f}" if math.isfinite(value) else NONE


def count(n: int) -> str:
    """A whole number with thousands apart."""
    return f"{n:,}".replace(",", THIN)


def plural(n: int, one: str, many: str | None = None) -> str:
    """'1 picture', '2 pictures'."""
    return f"{count(n)} {one if n == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Seconds as '0.4 s', '12 s', '3 min 05 s' or '2 h 14 min'."""
    if seconds < 9.95:
        return f"{seconds:.1f}{THIN}s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole}{THIN}s"
    if whole < 7200:
        return f"{whole // 60}{THIN}min {whole % 60:02d}{THIN}s"
    return f"{whole // 3600}{THIN}h {whole % 3600 // 60:02d}{THIN}min"


def verdict(metrics: Metrics) -> tuple[str, str]:
    """What the accuracy is worth beside the majority share, and its tone: 'good', 'open' or 'bad'."""
    accuracy, majority = metrics.accuracy, metrics.majority_share
    if accuracy.n == 0:
        return "Nothing was measured", "open"
    always = f"always answering ‘{metrics.majority_class}’"
    if accuracy.low > majority.value:
        return "Clearly better than guessing", "good"
    if accuracy.high < majority.value:
        return f"Worse than {always}", "bad"
    if accuracy.value > majority.value:
        return f"Not clearly better than {always}", "open"
    return f"Not better than {always}", "bad"


def calibration_sentence(metrics: Metrics) -> str:
    """Whether the confidences can be taken at their word."""
    bins, error = metrics.calibration, metrics.calibration_error
    n = sum(one.accuracy.n for one in bins)
    said = sum(one.accuracy.n * one.confidence for one in bins) / max(1, n)
    right = percent(metrics.accuracy.value)
    beginning = f"On average the model says {percent(said)} and is right {right} of the time"
    if said > metrics.accuracy.high:
        return f"{beginning}: it is too sure of itself."
    if said < metrics.accuracy.low:
        return f"{beginning}: it is less sure than it could be."
    if error.low > 0.02:
        return f"{beginning}, yet single ranges of confidence are off by more than chance explains."
    return f"{beginning}: a confidence can be taken at its word, as far as {plural(n, 'picture')} can tell."


def learning_sentence(points: Sequence[CurvePoint]) -> str:
    """Whether more pictures would help, from the last two points."""
    if len(points) < 2:
        return ""
    last, before = points[-1], points[-2]
    gain = last.accuracy.value - before.accuracy.value
    step = f"From {count(before.n_train)} to {plural(last.n_train, 'training picture')} the accuracy"
    rise = f"{100 * gain:.1f} points"
    if gain > last.accuracy.high - last.accuracy.value:
        return f"{step} still rose by {rise}: more pictures would very likely help."
    if gain > 0.0025:
        return f"{step} rose by {rise}, no more than chance could: more pictures might help a little."
    return f"{step} did not rise any more: more pictures of the same kind would help little."


def agreement_sentence(agreement: Agreement) -> str:
    """What the comparison of the saved model with the training pipeline found."""
    changed = plural(agreement.changed, "decision") if agreement.changed else "no decision"
    return (
        f"The saved model and {agreement.pipeline} were compared on "
        f"{plural(agreement.n, 'picture')}: the largest difference in a probability is "
        f"{agreement.largest:.2g} (up to {agreement.bound:g} is accepted), and "
        f"{changed} changed."
    )
