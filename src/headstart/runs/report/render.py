"""From the data of a run to one page."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from headstart.runs.metrics import ClassMetrics
from headstart.runs.report import words
from headstart.runs.report.bars import SHADES, stacked, with_rest
from headstart.runs.report.calibration import reliability
from headstart.runs.report.confusion import confusion_view
from headstart.runs.report.curves import epoch_curves
from headstart.runs.report.data import ReportData
from headstart.runs.report.interval import headline_scale, small_interval
from headstart.runs.report.learning_curve import learning_curve

MOST_MISTAKES = 24
MOST_TWINS = 12
MOST_SKIPPED = 300
OPEN_ROWS = 20
"""Rows of a long table that are shown without being asked for."""
MOST_CLASSES = 1000
"""Rows of the whole table of classes; metrics.json holds what is beyond."""


def render(report: ReportData) -> str:
    """The page: one file of HTML, under 2 MB, that asks nothing of a network or a script.

    Every text of the data is escaped; what UTF-8 cannot hold (a file name that is no text) is
    shown by its code.
    """
    metrics, made = report.metrics, report.made
    classes = metrics.classes
    stages = with_rest(report.stages, report.seconds)
    said, tone = words.verdict(metrics)
    page = (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            metrics=metrics,
            made=made,
            verdict=said,
            tone=tone,
            scale=headline_scale(metrics.accuracy, metrics.majority_share),
            part_note=_part_note(report),
            epochs=epoch_curves(report.epochs, report.best_epoch) if report.epochs else (),
            learning=learning_curve(report.learning_curve, metrics.majority_share)
            if len(report.learning_curve) > 1
            else "",
            confusion=confusion_view(metrics.confusion, metrics.class_names),
            weakest=_weakest(classes),
            classes=classes[:MOST_CLASSES],
            reliability=reliability(metrics.calibration) if metrics.calibration else "",
            mistakes=report.mistakes[:MOST_MISTAKES],
            mistakes_made=int(metrics.confusion.sum() - metrics.confusion.trace()),
            twins=report.twins[:MOST_TWINS],
            twins_found=max(report.twins_found, len(report.twins)),
            skipped=[(str(one.path), one.reason) for one in report.skipped[:MOST_SKIPPED]],
            stages=[(one, i % SHADES) for i, one in enumerate(stages)],
            stacked=stacked(stages),
            total=max(report.seconds, sum(one.seconds for one in report.stages)),
            run=_quoted(report.run),
            model=repr(report.run.replace("\\", "/").rstrip("/") + "/model.keras"),
            config=_quoted(report.run.rstrip("/\\") + "/config.toml"),
            open_rows=OPEN_ROWS,
        )
    )
    return page.encode("utf-8", "backslashreplace").decode("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("headstart.runs.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        percent=words.percent,
        percent_range=words.percent_range,
        number=words.number,
        count=words.count,
        plural=words.plural,
        duration=words.duration,
    )
    environment.globals.update(
        small_interval=small_interval,
        calibration_sentence=words.calibration_sentence,
        learning_sentence=words.learning_sentence,
        agreement_sentence=words.agreement_sentence,
    )
    return environment


def _weakest(classes: tuple[ClassMetrics, ...]) -> tuple[ClassMetrics, ...]:
    """All classes where they are few, else those with the least recall."""
    if len(classes) <= OPEN_ROWS:
        return classes
    return tuple(sorted((c for c in classes if c.recall.n), key=lambda c: c.recall.value)[:OPEN_ROWS])


def _part_note(report: ReportData) -> str:
    """What the measured pictures were used for before."""
    if report.part == "test":
        return "The test pictures served for nothing else."
    if report.epochs:
        return "The validation pictures also chose the epoch, which flatters the number a little."
    return "The validation pictures were not used in training."


def _quoted(path: str) -> str:
    """A path as one argument, in the quotes that shells of every system take."""
    plain = all(c.isalnum() or c in "-_./\\:~+=@%" for c in path) and path
    return path if plain else '"' + path.replace('"', '\\"') + '"'
