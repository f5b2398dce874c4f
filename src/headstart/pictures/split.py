"""Who is trained on, who validates, who tests: stratified, groups whole, twins on one side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import PicturesError, SettingsError
from headstart.pictures import chains
from headstart.pictures.naming import counted, listed
from headstart.pictures.records import Part, Split, TwinPair
from headstart.pictures.shares import Units, choose

_NONE = np.empty(0, dtype=np.int64)


def check_sizes(labels: NDArray[np.int64], class_names: Sequence[str]) -> None:
    """Holds, before any long work, that each class has the two pictures that a split needs.

    Args:
        labels: Class index of each picture, shape (n,).
        class_names: The classes.

    Raises:
        PicturesError: A class has fewer; it is named with its count.
    """
    counts = np.bincount(labels, minlength=len(class_names))
    for name, count in zip(class_names, counts.tolist(), strict=True):
        if count < 2:
            raise _too_small(name, count, count)


def split(
    labels: NDArray[np.int64],
    parts: Sequence[Part] | None,
    groups: Sequence[str] | None,
    twins: Sequence[TwinPair],
    *,
    validation: float = 0.2,
    seed: int = 0,
    class_names: Sequence[str],
) -> Split:
    """Divides pictures into train, validation and test.

    Without given parts, or with train and test only, a share of what is there to train on becomes the
    validation part, each class in the same share as near as groups and twins permit, at least one of
    each class on either side. With a given validation part, it stays as it is. A picture to train on
    that has a twin in a given validation or test part is dropped.

    The same arguments give the same split on every system. It depends on the order of the pictures.

    Args:
        labels: Class index of each picture, shape (n,).
        parts: The part that the layout gives each picture, or None.
        groups: The group of each picture, or None; '' is no group. Groups stay whole.
        twins: Pairs that must not stand on both sides.
        validation: Share of the pictures to train on that validate, above 0 and below 1.
        seed: Which of the possible splits.
        class_names: The classes, for messages.

    Raises:
        SettingsError: `validation` is no share.
        PicturesError: A class is too small, a given part lacks its train side, or a group was given two
            parts; it is named.
    """
    if not 0.0 < validation < 1.0:
        raise SettingsError(
            "The validation share must be above 0 and below 1",
            f"validation={validation!r}",
            "give a share such as 0.2",
        )
    count = len(labels)
    twin_of = chains.connected(count, _pairs(twins))
    given = _given(parts)
    if given is None:
        everyone = np.arange(count)
        chosen = _carve(everyone, labels, _units(twin_of, groups), validation, seed, class_names)
        origin = f"stratified {_ratio(validation)}{' by group' if groups else ''}, seed {seed}"
        return Split(everyone[~chosen], everyone[chosen], _NONE, tuple(twins), 0, _NONE, origin)
    where = {part: np.flatnonzero(given == part) for part in Part}
    if groups is not None:
        _check_groups(given, groups)
    held = np.concatenate([where[Part.VALIDATION], where[Part.TEST]])
    leaks = np.isin(twin_of[where[Part.TRAIN]], twin_of[held])
    train, dropped = where[Part.TRAIN][~leaks], where[Part.TRAIN][leaks]
    _check_trained(labels, train, dropped, held, class_names)
    if len(where[Part.VALIDATION]):
        kept = ", ".join(f"{part} {len(members):,}" for part, members in where.items() if len(members))
        origin = f"as given ({kept})"
        return Split(
            train, where[Part.VALIDATION], where[Part.TEST], tuple(twins), len(dropped), dropped, origin
        )
    chosen = _carve(train, labels, _units(twin_of, groups), validation, seed, class_names)
    tested = f"test as given ({len(where[Part.TEST]):,}), " if len(where[Part.TEST]) else ""
    origin = f"{tested}the rest stratified {_ratio(validation)}{' by group' if groups else ''}, seed {seed}"
    return Split(train[~chosen], train[chosen], where[Part.TEST], tuple(twins), len(dropped), dropped, origin)


def _given(parts: Sequence[Part] | None) -> NDArray[np.str_] | None:
    """The given parts, or None where they say nothing: all to train on."""
    if parts is None or all(part == Part.TRAIN for part in parts):
        return None
    return np.array([part.value for part in parts])


def _pairs(twins: Sequence[TwinPair]) -> NDArray[np.int64]:
    return np.array([(pair.first, pair.second) for pair in twins], dtype=np.int64).reshape(-1, 2)


def _units(twin_of: NDArray[np.int64], groups: Sequence[str] | None) -> NDArray[np.int64]:
    """What must stay together, by twins and by groups: the lowest index in it, shape (n,)."""
    if groups is None:
        return twin_of
    first: dict[str, int] = {}
    joined = [(first.setdefault(group, index), index) for index, group in enumerate(groups) if group != ""]
    joined += [(int(unit), index) for index, unit in enumerate(twin_of)]
    return chains.connected(len(twin_of), np.array(joined, dtype=np.int64))


def _carve(
    members: NDArray[np.int64],
    labels: NDArray[np.int64],
    units: NDArray[np.int64],
    share: float,
    seed: int,
    class_names: Sequence[str],
) -> NDArray[np.bool_]:
    """Which of the members validate, shape (m,)."""
    made = Units.of(units[members], labels[members], len(class_names))
    independent = made.independent()
    for index, name in enumerate(class_names):
        if independent[index] < 2:
            raise _too_small(name, int(made.totals[index]), int(independent[index]))
    chosen = choose(made, share, seed)
    if chosen is None:
        worst = class_names[int(independent.argmin())]
        raise PicturesError(
            "Groups and twins must leave a picture of each class on both sides of the split",
            f"{counted(len(made.names), 'group')} in which they do not, {worst!r} in the fewest",
            "divide the groups, or give the parts yourself (train/ and validation/, or a split column)",
        )
    return chosen[np.searchsorted(made.names, units[members])]


def _too_small(name: str, count: int, independent: int) -> PicturesError:
    bound = (
        f", all in {counted(independent, 'group')} of pictures that belong together"
        if count > independent
        else ""
    )
    return PicturesError(
        "Each class must have at least two independent pictures, one to train on and one to validate",
        f"class {name!r} with {counted(count, 'picture')}{bound}",
        "add pictures of it, join it with another class, or remove it",
    )


def _check_trained(
    labels: NDArray[np.int64],
    train: NDArray[np.int64],
    dropped: NDArray[np.int64],
    held: NDArray[np.int64],
    class_names: Sequence[str],
) -> None:
    lacking = np.setdiff1d(np.arange(len(class_names)), labels[train])
    if not len(lacking):
        return
    names = [class_names[index] for index in lacking]
    lost = int(np.isin(labels[dropped], lacking).sum())
    seen = int(np.isin(labels[held], lacking).sum())
    why = f" ({counted(lost, 'picture')} also in validation or test)" if lost else f" ({seen:,} elsewhere)"
    raise PicturesError(
        "Each class must have at least one picture to train on that is in no other part",
        f"{listed(names)} with none{why}",
        "add other pictures of it to the part to train on",
    )


def _check_groups(given: NDArray[np.str_], groups: Sequence[str]) -> None:
    first: dict[str, str] = {}
    for part, group in zip(given.tolist(), groups, strict=True):
        if group and first.setdefault(group, part) != part:
            raise PicturesError(
                "All pictures of a group must be in one part",
                f"group {group!r} in {first[group]} and in {part}",
                "correct the split column or the group column",
            )


def _ratio(share: float) -> str:
    return f"{100 * (1 - share):.3g}/{100 * share:.3g}"
