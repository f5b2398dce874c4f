"""The words, the choice of classes, and the strokes of the charts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.numbers import Estimate, share
from headstart.runs.metrics import CurvePoint, measure
from headstart.runs.report.bars import with_rest
from headstart.runs.report.confusion import confusion_view
from headstart.runs.report.data import Stage
from headstart.runs.report.svg import Scale, apart, tag, ticks
from headstart.runs.report.words import calibration_sentence, duration, learning_sentence, percent, verdict


@pytest.mark.parametrize(
    ("right", "of_first", "tone", "said"),
    [
        (95, 50, "good", "Clearly better than guessing"),
        (53, 50, "open", "Not clearly better than always answering ‘cats’"),
        (80, 80, "bad", "Not better than always answering ‘cats’"),
        (40, 80, "bad", "Worse than always answering ‘cats’"),
    ],
)
def test_verdict(right: int, of_first: int, tone: str, said: str) -> None:
    labels = np.array([0] * of_first + [1] * (100 - of_first))
    predicted = np.where(np.arange(100) < right, labels, 1 - labels)
    assert verdict(measure(np.eye(2)[predicted], labels, ["cats", "dogs"])) == (said, tone)


def test_percent_never_rounds_up_to_all() -> None:
    assert percent(1.0).startswith("100.0")
    assert percent(0.9999).startswith("> 99.9")
    assert percent(0.9984).startswith("99.8")
    assert percent(float("nan")) == "–"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (9.96, "10 s"), (119.4, "119 s"), (185, "3 min 05 s"), (8100, "2 h 15 min")],
)
def test_duration(seconds: float, said: str) -> None:
    assert " ".join(duration(seconds).split()) == said


def test_learning_sentence_tells_rise_from_chance() -> None:
    def points(before: int, last: int) -> list[CurvePoint]:
        return [CurvePoint(500, share(before, 1000)), CurvePoint(1000, share(last, 1000))]

    assert "very likely help" in learning_sentence(points(800, 900))
    assert "might help" in learning_sentence(points(895, 900))
    assert "help little" in learning_sentence(points(900, 900))


def test_calibration_sentence_names_the_side() -> None:
    labels = np.zeros(200, np.int64)
    labels[:60] = 1
    sure, modest = np.tile([0.99, 0.01], (200, 1)), np.tile([0.51, 0.49], (200, 1))
    assert "too sure" in calibration_sentence(measure(sure, labels, "ab"))
    assert "less sure than it could be" in calibration_sentence(measure(modest, labels, "ab"))
    honest = np.tile([0.7, 0.3], (200, 1))
    assert "at its word" in calibration_sentence(measure(honest, labels, "ab"))


@given(k=st.integers(2, 40), seed=st.integers(0, 1000))
def test_confusion_view_loses_no_picture(k: int, seed: int) -> None:
    counts = np.random.default_rng(seed).poisson(0.3, (k, k)).astype(np.int64)
    view = confusion_view(counts, [str(i) for i in range(k)])
    assert len(view.rows) == len(view.columns) == (k if k <= 20 else 12)
    for row in view.rows:
        assert sum(cell.count for cell in row.cells) == row.total == counts[int(row.name)].sum()
        assert sum(cell.right for cell in row.cells) == 1
    assert [p.count for p in view.pairs] == sorted((p.count for p in view.pairs), reverse=True)
    assert all(counts[int(p.true), int(p.predicted)] == p.count > 0 for p in view.pairs)


def test_of_many_classes_the_most_confused_are_shown() -> None:
    counts = np.diag(np.full(50, 10)).astype(np.int64)
    counts[41, 7] = 5
    view = confusion_view(counts, [f"c{i}" for i in range(50)])
    assert {"c41", "c7"} <= set(view.columns)
    assert view.others
    assert [(p.true, p.predicted, p.count, p.of) for p in view.pairs] == [("c41", "c7", 5, 15)]


@given(low=st.floats(-1e6, 1e6), width=st.floats(1e-6, 1e6))
def test_ticks_lie_within(low: float, width: float) -> None:
    found = ticks(low, low + width)
    assert all(low - 1e-6 * width - 1e-9 <= t <= low + width + 1e-6 * width + 1e-9 for t in found)
    assert len(found) <= 12


def test_scale() -> None:
    assert Scale(0.0, 1.0, 10.0, 20.0)(0.25) == 12.5
    assert Scale(1.0, 100.0, 0.0, 10.0, logarithmic=True)(10.0) == pytest.approx(5.0)
    assert Scale(3.0, 3.0, 0.0, 10.0)(3.0) == 5.0


def test_labels_are_moved_apart() -> None:
    assert apart([10.0, 12.0], 16.0) == [3.0, 19.0]
    assert apart([40.0, 10.0], 16.0) == [40.0, 10.0]


def test_tag_escapes_text_and_attributes() -> None:
    assert tag("text", "<&", class_='a"b', x=1.0) == '<text class="a&#34;b" x="1">&lt;&amp;</text>'


def test_rest_of_the_time_is_named() -> None:
    stages = (Stage("a", 4.0), Stage("b", 5.0))
    assert with_rest(stages, 12.0)[-1] == Stage("everything else", 3.0)
    assert with_rest(stages, 9.05) == stages


def test_estimate_without_pictures_has_no_spark() -> None:
    from headstart.runs.report.interval import small_interval

    assert small_interval(share(0, 0)) == ""
    assert "<svg" in small_interval(Estimate(0.5, 0.4, 0.6, 100))
