from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from headstart.core.errors import PicturesError, SettingsError
from headstart.pictures import Part, Split, TwinPair, check_sizes, split
from headstart.pictures.chains import connected

NAMES = ("cat", "dog", "owl")


def labels_of(*counts: int) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(counts)), counts).astype(np.int64)


def pair(first: int, second: int) -> TwinPair:
    return TwinPair(first, second, "identical", 1.0)


def share_of(found: Split, labels: NDArray[np.int64]) -> list[int]:
    return np.bincount(labels[found.validation], minlength=labels.max() + 1).tolist()


def is_partition(found: Split, count: int) -> bool:
    every = np.concatenate([found.train, found.validation, found.test, found.dropped])
    ascending = all((np.diff(part) > 0).all() for part in (found.train, found.validation, found.test))
    return ascending and sorted(every.tolist()) == list(range(count))


def test_stratified() -> None:
    labels = labels_of(1000, 100, 14)
    found = split(labels, None, None, (), class_names=NAMES)
    assert share_of(found, labels) == [200, 20, 3]
    assert is_partition(found, 1114)
    assert found.origin == "stratified 80/20, seed 0"
    assert found.moved == 0
    assert found.train.dtype == np.int64


def test_split_is_the_same_everywhere_and_always() -> None:
    found = split(labels_of(10, 10, 5), None, None, (), class_names=NAMES)
    assert found.validation.tolist() == [0, 6, 14, 15, 23]


def test_seed_and_share() -> None:
    labels = labels_of(200, 200)
    first = split(labels, None, None, (), validation=0.35, seed=1, class_names=NAMES[:2])
    again = split(labels, None, None, (), validation=0.35, seed=1, class_names=NAMES[:2])
    other = split(labels, None, None, (), validation=0.35, seed=2, class_names=NAMES[:2])
    assert first.validation.tolist() == again.validation.tolist() != other.validation.tolist()
    assert share_of(first, labels) == [70, 70]
    assert first.origin == "stratified 65/35, seed 1"


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 1.5, float("nan")])
def test_share_that_is_none(share: float) -> None:
    with pytest.raises(SettingsError):
        split(labels_of(9, 9), None, None, (), validation=share, class_names=NAMES[:2])


def test_smallest_classes_have_one_on_each_side() -> None:
    labels = labels_of(2, 3, 2)
    found = split(labels, None, None, (), class_names=NAMES)
    assert share_of(found, labels) == [1, 1, 1]


def test_groups_stay_whole_and_empty_is_none() -> None:
    labels = labels_of(50, 50)
    groups = tuple("" if index % 5 == 0 else f"patient {index // 4}" for index in range(100))
    found = split(labels, None, groups, (), class_names=NAMES[:2])
    here = {groups[index] for index in found.validation} & {groups[index] for index in found.train}
    assert here <= {""}
    assert share_of(found, labels) == [10, 10]
    assert found.origin == "stratified 80/20 by group, seed 0"


def test_groups_and_twins_together() -> None:
    labels = labels_of(10, 10)
    groups = ["a", "a", "b", "b", *([""] * 16)]
    found = split(labels, None, groups, (pair(1, 2), pair(3, 10)), class_names=NAMES[:2])
    sides = np.isin([0, 1, 2, 3, 10], found.validation)
    assert sides.all() or not sides.any()


def test_validation_is_not_filled_with_twins() -> None:
    labels = labels_of(500, 500)
    twins = tuple(pair(index, index + 1) for index in range(0, 200, 2))
    found = split(labels, None, None, twins, class_names=NAMES[:2])
    assert share_of(found, labels) == [100, 100]
    assert 20 <= (found.validation < 200).sum() <= 60
    assert found.twins == twins


def test_few_large_groups_give_the_best_choice_there_is() -> None:
    labels = labels_of(30, 30)
    groups = [f"g{index % 30 // 6}" for index in range(60)]
    found = split(labels, None, groups, (), class_names=NAMES[:2])
    assert share_of(found, labels) == [6, 6]
    sizes = (24, 3, 3)
    groups = [name for name, size in zip("abc", sizes, strict=True) for _ in range(size)] * 2
    assert share_of(split(labels, None, groups, (), class_names=NAMES[:2]), labels) == [6, 6]


def test_many_groups_of_unlike_size() -> None:
    chance = np.random.default_rng(0)
    sizes = chance.integers(5, 40, 60)
    groups = [f"g{number}" for number, size in enumerate(sizes) for _ in range(size)]
    labels = chance.integers(0, 3, len(groups))
    found = split(labels, None, groups, (), class_names=NAMES)
    wanted = np.bincount(labels) * 0.2
    assert abs(np.array(share_of(found, labels)) - wanted).max() <= 0.04 * np.bincount(labels).max()


# Too small


@pytest.mark.parametrize(("counts", "name"), [((5, 1, 5), "dog"), ((5, 5, 0), "owl")])
def test_class_too_small(counts: tuple[int, ...], name: str) -> None:
    labels = labels_of(*counts)
    for check in (
        lambda: check_sizes(labels, NAMES),
        lambda: split(labels, None, None, (), class_names=NAMES),
    ):
        with pytest.raises(PicturesError) as caught:
            check()
        assert repr(name) in caught.value.received
        assert f"{counts[NAMES.index(name)]} picture" in caught.value.received
        assert "add pictures" in caught.value.todo


def test_sizes_that_do() -> None:
    check_sizes(labels_of(2, 2, 7), NAMES)


def test_class_in_one_group_is_too_small() -> None:
    groups = [*("abcdef"), *("x" * 6)]
    with pytest.raises(PicturesError, match="'dog' with 6 pictures, all in 1 group"):
        split(labels_of(6, 6), None, groups, (), class_names=NAMES[:2])


def test_groups_that_permit_no_split() -> None:
    # Each class has two groups, but whichever of them validate, some class has nothing left.
    labels = np.array([0, 1, 0, 2, 1, 2])
    with pytest.raises(PicturesError, match="both sides"):
        split(labels, None, ["a", "a", "b", "b", "c", "c"], (), class_names=NAMES)


# Given parts

T, V, E = Part.TRAIN, Part.VALIDATION, Part.TEST


def test_given_parts_stay() -> None:
    labels = np.array([0, 1, 0, 1, 0, 1, 0])
    found = split(labels, (T, T, V, V, E, E, T), None, (), class_names=NAMES[:2])
    assert [part.tolist() for part in (found.train, found.validation, found.test)] == [
        [0, 1, 6],
        [2, 3],
        [4, 5],
    ]
    assert found.origin == "as given (train 3, validation 2, test 2)"


def test_train_copies_of_held_pictures_are_dropped() -> None:
    labels = np.array([0, 1, 0, 1, 0, 1, 0, 1])
    parts = (T, T, T, T, V, V, E, E)
    found = split(labels, parts, None, (pair(0, 4), pair(1, 7), pair(4, 6)), class_names=NAMES[:2])
    assert found.dropped.tolist() == [0, 1]
    assert found.moved == 2
    assert found.train.tolist() == [2, 3]
    assert found.validation.tolist() == [4, 5]
    assert found.test.tolist() == [6, 7]


def test_validation_is_carved_out_of_train_beside_a_test_part() -> None:
    labels = labels_of(50, 50)
    parts = [T] * 100
    parts[40:60] = [E] * 20
    found = split(labels, parts, None, (pair(0, 45), pair(1, 2)), class_names=NAMES[:2])
    assert found.test.tolist() == list(range(40, 60))
    assert found.dropped.tolist() == [0]
    assert share_of(found, labels) == [8, 8]
    assert (1 in found.train) == (2 in found.train)
    assert found.origin == "test as given (20), the rest stratified 80/20, seed 0"


def test_train_alone_is_as_if_nothing_were_given() -> None:
    labels = labels_of(20, 20)
    given = split(labels, [T] * 40, None, (), class_names=NAMES[:2])
    assert (
        given.validation.tolist() == split(labels, None, None, (), class_names=NAMES[:2]).validation.tolist()
    )


def test_class_whose_train_pictures_all_leak() -> None:
    with pytest.raises(PicturesError, match="'dog' with none") as caught:
        split(np.array([0, 1, 0, 1]), (T, T, V, V), None, (pair(1, 3),), class_names=NAMES[:2])
    assert "1 picture also in validation" in caught.value.received


def test_group_with_two_given_parts() -> None:
    with pytest.raises(PicturesError, match="group 'p1' in train and in validation"):
        split(np.array([0, 1, 0, 1]), (T, T, V, V), ["p1", "", "p1", ""], (), class_names=NAMES[:2])


# Laws


@st.composite
def jobs(draw: st.DrawFn) -> tuple[NDArray[np.int64], list[str] | None, list[TwinPair], float, int]:
    count = draw(st.integers(6, 60))
    classes = draw(st.integers(2, 4))
    labels = np.array(draw(st.lists(st.integers(0, classes - 1), min_size=count, max_size=count)), np.int64)
    groups = None
    if draw(st.booleans()):
        numbers = st.integers(0, max(2, count // 2))
        groups = [f"g{n}" if n else "" for n in draw(st.lists(numbers, min_size=count, max_size=count))]
    edges = draw(
        st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=count // 4)
    )
    twins = [pair(min(a, b), max(a, b)) for a, b in edges if a != b]
    return labels, groups, twins, draw(st.sampled_from([0.1, 0.2, 0.5])), draw(st.integers(0, 9))


@settings(max_examples=150, deadline=None)
@given(jobs())
def test_laws(job: tuple[NDArray[np.int64], list[str] | None, list[TwinPair], float, int]) -> None:
    labels, groups, twins, share, seed = job
    names = [f"class {index}" for index in range(int(labels.max()) + 1)]
    try:
        found = split(labels, None, groups, twins, validation=share, seed=seed, class_names=names)
    except PicturesError:
        return
    count = len(labels)
    assert is_partition(found, count)
    validates = np.isin(np.arange(count), found.validation)
    for twin in twins:
        assert validates[twin.first] == validates[twin.second]
    largest = 1
    if groups is not None:
        for group in set(groups) - {""}:
            assert len({bool(validates[index]) for index in range(count) if groups[index] == group}) == 1
    for index in range(len(names)):
        assert 0 < validates[labels == index].sum() < (labels == index).sum()
    if groups is None and not twins:
        for index in range(len(names)):
            total = int((labels == index).sum())
            assert abs(validates[labels == index].sum() - total * share) <= largest
    again = split(labels, None, groups, twins, validation=share, seed=seed, class_names=names)
    assert again.validation.tolist() == found.validation.tolist()
    # The order of classes does not matter, nor what groups are called.
    flipped = labels.max() - labels
    renamed = None if groups is None else [group and f"{group} of mine" for group in groups]
    other = split(flipped, None, renamed, twins, validation=share, seed=seed, class_names=names)
    assert len(other.validation) > 0
    assert np.bincount(labels[other.validation], minlength=len(names)).min() > 0


@given(st.integers(1, 30), st.data())
def test_connected(count: int, data: st.DataObject) -> None:
    number = st.integers(0, count - 1)
    edges = data.draw(st.lists(st.tuples(number, number), max_size=40))
    found = connected(count, np.array(edges, dtype=np.int64).reshape(-1, 2))
    for a, b in edges:
        assert found[a] == found[b]
    assert (found <= np.arange(count)).all()
    assert (found[found] == found).all()
    assert len(set(found.tolist())) >= count - len(edges)


def test_a_hundred_thousand_pictures_in_a_thousand_classes() -> None:
    chance = np.random.default_rng(0)
    labels = chance.integers(0, 1000, 100_000)
    names = [f"{index}" for index in range(1000)]
    found = split(
        labels, None, None, [pair(2 * index, 2 * index + 1) for index in range(5000)], class_names=names
    )
    shares = np.bincount(labels[found.validation], minlength=1000) / np.bincount(labels)
    assert abs(shares - 0.2).max() < 0.02
