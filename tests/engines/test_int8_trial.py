"""int8 is used where it gains and agrees, and refused with the figures where not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.engines import int8_trial as trials
from headstart.engines.cosines import cosines
from headstart.engines.int8_trial import Trial

GOOD = Trial(
    rate=170.0,
    other_rate=85.0,
    other="bf16",
    least_cosine=0.985,
    mean_cosine=0.999,
    n=24,
    calibrated=32,
    seconds=8.5,
)


def test_a_gain_is_told_with_its_figures() -> None:
    assert GOOD.refusal() is None
    note = GOOD.note()
    assert "170 pictures a second against 85 in bf16, 2.00 times" in note
    assert "0.9850 at least and 0.9990 in the mean on 24 pictures" in note
    # 8.5 s of calibration against 1/85 - 1/170 s saved a picture.
    assert "pays from 1,445 pictures on" in note


@pytest.mark.parametrize("rate", [40.0, 85.0, 93.0])
def test_no_gain_is_refused(rate: float) -> None:
    refusal = replace(GOOD, rate=rate).refusal()
    assert refusal is not None
    assert f"{rate:.0f} pictures a second against 85 in bf16" in str(refusal)
    assert refusal.todo == "use --precision auto"


@pytest.mark.parametrize("change", [{"least_cosine": 0.8}, {"mean_cosine": 0.978}])
def test_features_too_far_off_are_refused(change: dict[str, float]) -> None:
    refusal = replace(GOOD, **change).refusal()  # type: ignore[arg-type]
    assert refusal is not None
    assert "cosine" in refusal.allowed
    assert f"{next(iter(change.values())):.4f}" in refusal.received


def test_a_trial_is_recalled_as_it_was_kept() -> None:
    assert trials.recalled(json.loads(json.dumps(GOOD.as_dict()))) == GOOD
    assert trials.recalled(None) is None
    assert trials.recalled({"rate": 1.0}) is None
    assert trials.recalled({**GOOD.as_dict(), "rate": "fast"}) is None


@given(st.integers(1, 6), st.integers(1, 8), st.floats(0.1, 100))
def test_scaling_changes_no_cosine(n: int, width: int, factor: float) -> None:
    a = np.random.default_rng(n).uniform(0.1, 1, (n, width)).astype(np.float32)
    assert cosines(a, a * np.float32(factor)) == pytest.approx(np.ones(n), abs=1e-6)
    assert cosines(a, -a) == pytest.approx(-np.ones(n), abs=1e-6)


def test_zeros_agree_with_zeros_and_nothing_with_no_numbers() -> None:
    zeros, ones = np.zeros((1, 3), np.float32), np.ones((1, 3), np.float32)
    assert cosines(zeros, zeros).tolist() == [1.0]
    assert cosines(zeros, ones).tolist() == [0.0]
    assert cosines(ones, ones * np.nan).tolist() == [-1.0]


class Counting:
    """An engine that takes a moment for each batch."""

    info = SimpleNamespace(requests=8)

    def __init__(self, moment: float) -> None:
        self.moment, self.seen = moment, 0

    def run(self, batches: Iterable[tuple[None, np.ndarray]]) -> Iterator[tuple[None, np.ndarray]]:
        import time

        for tag, pictures in batches:
            time.sleep(self.moment)
            self.seen += len(pictures)
            yield tag, np.zeros((len(pictures), 2), np.float32)


def test_the_faster_engine_has_the_higher_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "SECONDS", 0.1)
    fast, slow = Counting(0.002), Counting(0.03)
    pictures = np.zeros((10, 2, 2, 3), np.uint8)
    of_fast, of_slow = trials.rates([fast, slow], pictures)  # type: ignore[list-item]
    assert of_fast > 2 * of_slow > 0
    # Even a slow engine computes as many pictures as it has in flight.
    assert slow.seen >= 2 * 8
