"""Which units (pictures, groups, twins) validate, so that each class gives about the same share."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

_FEW = 12
"""Up to this many units, every choice is tried."""

_ROUNDS = 200
"""Steps of improvement at most, and units of each side that a swap is tried for."""

_MANY = 20_000
"""Entries above which swaps are not tried: there, single moves come near enough."""

_MISSING = 1e6
"""Cost of a class that is missing on one side: more than all else together."""


@dataclass(frozen=True)
class Units:
    """How many pictures of which class each unit holds, as entries; most units hold one picture.

    Attributes:
        names: A number of each unit, from which with the seed its place in the draw comes, shape (units,).
        unit: Index of each entry's unit, ascending, shape (entries,).
        label: Class of each entry, shape (entries,).
        count: Pictures of that class in that unit, shape (entries,).
        totals: Pictures of each class, shape (classes,).
    """

    names: NDArray[np.int64]
    unit: NDArray[np.int64]
    label: NDArray[np.int64]
    count: NDArray[np.int64]
    totals: NDArray[np.int64]

    @classmethod
    def of(cls, units: NDArray[np.int64], labels: NDArray[np.int64], classes: int) -> Units:
        """Counts pictures.

        Args:
            units: The unit of each picture, any number, shape (n,).
            labels: The class of each picture, shape (n,).
            classes: How many classes there are.
        """
        names, place = np.unique(units, return_inverse=True)
        entries, count = np.unique(place * classes + labels, return_counts=True)
        return cls(
            names, entries // classes, entries % classes, count, np.bincount(labels, minlength=classes)
        )

    def independent(self) -> NDArray[np.int64]:
        """In how many units each class occurs, shape (classes,)."""
        return np.bincount(self.label, minlength=len(self.totals))

    def taken(self, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Pictures of each class in the chosen units, shape (classes,)."""
        inside = chosen[self.unit]
        taken = np.zeros_like(self.totals)
        np.add.at(taken, self.label[inside], self.count[inside])
        return taken


def choose(units: Units, share: float, seed: int) -> NDArray[np.bool_] | None:
    """Chooses units in an order drawn by lot, until every class has given its share.

    Units are not taken by size: that would fill the validation part with twins and large groups.

    Args:
        units: What there is to choose from.
        share: Wanted share of each class, above 0 and below 1.
        seed: Which draw.

    Returns:
        Which units validate, shape (units,), each class on both sides; None if no such choice was found.
    """
    totals = units.totals
    wanted = np.clip(np.floor(totals * share + 0.5).astype(np.int64), 1, np.maximum(totals - 1, 1))
    draw = _draw(units.names, seed)
    if len(draw) <= _FEW:
        chosen = _best_of_all(units, wanted, draw)
    else:
        chosen = _improve(units, wanted, _first_fit(units, wanted, draw), draw)
    taken = units.taken(chosen)
    return chosen if ((taken >= 1) & (taken <= totals - 1)).all() else None


def _draw(names: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Units in an order drawn by lot. A hash, since generators of random numbers change with versions."""
    lots = [hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest() for name in names.tolist()]
    return np.array(sorted(range(len(lots)), key=lots.__getitem__), dtype=np.int64)


def _first_fit(units: Units, wanted: NDArray[np.int64], draw: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Takes each unit in the order of the draw that fits into what is still wanted of its classes."""
    chosen = np.zeros(len(draw), dtype=np.bool_)
    room = wanted.tolist()
    starts = np.searchsorted(units.unit, np.arange(len(draw) + 1)).tolist()
    labels, counts = units.label.tolist(), units.count.tolist()
    for unit in draw.tolist():
        entries = range(starts[unit], starts[unit + 1])
        if all(counts[entry] <= room[labels[entry]] for entry in entries):
            chosen[unit] = True
            for entry in entries:
                room[labels[entry]] -= counts[entry]
    return chosen


def _cost(
    taken: NDArray[np.int64], totals: NDArray[np.int64], wanted: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How far each class is from what is wanted; the arguments broadcast."""
    missing = (taken < 1) | (taken > totals - 1)
    cost: NDArray[np.float64] = ((taken - wanted) / np.maximum(totals, 1)) ** 2 + missing * _MISSING
    return cost


def _gains(
    units: Units, wanted: NDArray[np.int64], taken: NDArray[np.int64], sign: NDArray[np.int64]
) -> NDArray[np.float64]:
    """By how much the cost falls if a unit alone changes sides, shape (units,)."""
    label = units.label
    totals, wish = units.totals[label], wanted[label]
    after = taken[label] + sign[units.unit] * units.count
    change = _cost(taken[label], totals, wish) - _cost(after, totals, wish)
    gains: NDArray[np.float64] = np.bincount(units.unit, weights=change, minlength=len(sign)).astype(
        np.float64
    )
    return gains


def _improve(
    units: Units, wanted: NDArray[np.int64], chosen: NDArray[np.bool_], draw: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Moves single units over, and swaps two where no move helps, as long as the shares come nearer."""
    chosen = chosen.copy()
    for _ in range(_ROUNDS):
        taken = units.taken(chosen)
        if (taken == wanted).all():
            break
        sign = np.where(chosen, -1, 1)
        gains = _gains(units, wanted, taken, sign)[draw]
        best = int(gains.argmax())
        if gains[best] > 1e-12:
            chosen[draw[best]] ^= True
            continue
        swap = _best_swap(units, wanted, taken, sign, draw) if len(units.unit) <= _MANY else None
        if swap is None:
            break
        chosen[list(swap)] ^= True
    return chosen


def _best_swap(
    units: Units,
    wanted: NDArray[np.int64],
    taken: NDArray[np.int64],
    sign: NDArray[np.int64],
    draw: NDArray[np.int64],
) -> tuple[int, int] | None:
    """The two units, one of each side, whose swap brings most; None if none brings anything."""
    best, found = 1e-12, None
    alone = _gains(units, wanted, taken, sign)
    for unit in _kinds(units, draw[sign[draw] < 0]):
        mine = units.unit == unit
        without = taken.copy()
        without[units.label[mine]] -= units.count[mine]
        gains = _gains(units, wanted, without, sign)[draw] + alone[unit]
        gains[sign[draw] < 0] = -np.inf
        place = int(gains.argmax())
        if gains[place] > best:
            best, found = float(gains[place]), (unit, int(draw[place]))
    return found


def _kinds(units: Units, among: NDArray[np.int64]) -> list[int]:
    """One unit of each content among some: those of the same content are interchangeable."""
    starts = np.searchsorted(units.unit, among)
    ends = np.searchsorted(units.unit, among, side="right")
    kinds: dict[bytes, int] = {}
    for unit, start, end in zip(among.tolist(), starts.tolist(), ends.tolist(), strict=True):
        content = units.label[start:end].tobytes() + units.count[start:end].tobytes()
        kinds.setdefault(content, unit)
    return list(kinds.values())[:_ROUNDS]


def _best_of_all(units: Units, wanted: NDArray[np.int64], draw: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The best of all choices; of equally good ones the first in the order of the draw."""
    table = np.zeros((len(draw), len(units.totals)), dtype=np.int64)
    table[units.unit, units.label] = units.count
    choices = np.array(list(product((False, True), repeat=len(draw))), dtype=np.bool_)
    taken = choices.astype(np.int64) @ table[draw]
    chosen = np.zeros(len(draw), dtype=np.bool_)
    chosen[draw] = choices[int(_cost(taken, units.totals, wanted).sum(axis=1).argmin())]
    return chosen
