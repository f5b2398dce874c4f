"""Folds: each picture held out once, classes in their shares, groups whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.heads.folds import FOLDS, make_folds

Labels = st.lists(st.integers(0, 3), min_size=2, max_size=60)


@settings(deadline=None)
@given(Labels, st.integers(0, 2**32 - 1))
def test_each_picture_is_held_out_once_and_no_class_is_missing(labels: list[int], seed: int) -> None:
    y = np.unique(np.array(labels), return_inverse=True)[1].astype(np.int64)
    folds = make_folds(y, None, seed)
    smallest = np.bincount(y).min()
    assert len(folds) == (min(FOLDS, smallest) if smallest > 1 else 0)
    if folds:
        assert sorted(np.concatenate([held for _, held in folds])) == list(range(len(y)))
    for train, held in folds:
        assert sorted([*train, *held]) == list(range(len(y)))
        assert len(np.unique(y[train])) == y.max() + 1


@settings(deadline=None)
@given(Labels, st.data(), st.integers(0, 2**32 - 1))
def test_a_group_is_never_on_both_sides(labels: list[int], data: st.DataObject, seed: int) -> None:
    y = np.unique(np.array(labels), return_inverse=True)[1].astype(np.int64)
    groups = np.array(data.draw(st.lists(st.integers(0, 12), min_size=len(y), max_size=len(y))), np.int64)
    for train, held in make_folds(y, groups, seed):
        assert not set(groups[train]) & set(groups[held])
        assert sorted([*train, *held]) == list(range(len(y)))
        assert set(y[train]) == set(y)
        assert len(held)


def test_shares_of_classes_hold_in_every_fold() -> None:
    y = np.repeat([0, 1], [300, 100])
    pairs = np.arange(400) // 2
    for groups in (None, pairs):
        folds = make_folds(y, groups, 0)
        assert len(folds) == FOLDS
        assert all(abs(y[held].mean() - 0.25) < 0.02 for _, held in folds)


def test_the_seed_decides_and_groups_of_one_change_nothing() -> None:
    y = np.arange(50) % 2
    first, again = make_folds(y, None, 1), make_folds(y, np.arange(50) * 7, 1)
    assert all((a[1] == b[1]).all() for a, b in zip(first, again, strict=True))
    other = make_folds(y, None, 2)
    assert any((a[1] != b[1]).any() for a, b in zip(first, other, strict=True))


def test_a_class_of_one_piece_gives_no_folds() -> None:
    assert make_folds(np.array([0, 0, 0, 1]), None, 0) == []
    # Two pictures, but one group: they are one piece.
    assert make_folds(np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 3, 3]), 0) == []
