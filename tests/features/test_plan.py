"""The order in which pictures go through the trunk."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from headstart.features.plan import validation_first


@given(st.lists(st.integers(0, 3), min_size=1, max_size=80), st.data())
def test_every_picture_comes_once_and_held_out_ones_first(labels: list[int], data: st.DataObject) -> None:
    held = sorted(data.draw(st.sets(st.integers(0, len(labels) - 1))))
    first = data.draw(st.integers(0, len(held)))
    order = validation_first(np.array(labels), np.array(held, np.int64), first, data.draw(st.integers(0, 9)))
    assert sorted(order) == list(range(len(labels)))
    assert set(order[:first]) <= set(held)


@given(st.integers(5, 40), st.integers(5, 40), st.integers(0, 99))
def test_classes_take_turns(cats: int, dogs: int, seed: int) -> None:
    labels = np.array([0] * cats + [1] * dogs)
    order = validation_first(labels, np.empty(0, np.int64), 0, seed)
    for count in range(2, 2 * min(cats, dogs) + 1, 2):
        assert Counter(labels[order[:count]].tolist()) == {0: count // 2, 1: count // 2}


def test_what_is_held_out_is_spread_over_the_rest() -> None:
    labels, held = np.zeros(100, np.int64), np.arange(0, 100, 5)
    order = validation_first(labels, held, 4, 0)
    places = [at for at, index in enumerate(order[4:]) if index % 5 == 0]
    assert len(places) == 16
    assert max(np.diff([-1, *places, 96])) <= 7
