"""The confusion matrix as a table: it can be read aloud, searched, copied and printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_CLASSES = 20
SHOWN_OF_MANY = 12
MOST_PAIRS = 15


@dataclass(frozen=True)
class Cell:
    """One count.

    Attributes:
        count: Pictures.
        weight: Share of the row, in [0, 1]: how dark the cell is.
        right: Whether it lies on the diagonal.
    """

    count: int
    weight: float
    right: bool


@dataclass(frozen=True)
class Row:
    """A true class, its cells, and how many pictures it has."""

    name: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True)
class Confused:
    """How often one class was taken for another."""

    true: str
    predicted: str
    count: int
    of: int


@dataclass(frozen=True)
class ConfusionView:
    """What the table shows.

    Attributes:
        columns: Predicted classes shown.
        rows: True classes shown, the same.
        others: Whether a last column gathers the classes that are not shown.
        classes: How many classes there are in all.
        pairs: The most frequent confusions, worst first.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    others: bool
    classes: int
    pairs: tuple[Confused, ...]


def confusion_view(counts: NDArray[np.int64], names: Sequence[str]) -> ConfusionView:
    """Chooses what can be read: all of 20 classes, or of more those that take part in most mistakes.

    Args:
        counts: Shape (k, k), rows true, columns predicted.
        names: k class names.
    """
    k = len(names)
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    shown = np.arange(k)
    if k > MOST_CLASSES:
        # A stable sort: of equals, the first in class order.
        shown = np.sort(np.argsort(-(wrong.sum(0) + wrong.sum(1)), kind="stable")[:SHOWN_OF_MANY])
    totals = counts.sum(1)
    rows = []
    for i in shown:
        total = int(totals[i])
        values = [int(counts[i, j]) for j in shown]
        if k > len(shown):
            values.append(total - sum(values))
        cells = tuple(
            Cell(v, v / total if total else 0.0, position < len(shown) and int(shown[position]) == int(i))
            for position, v in enumerate(values)
        )
        rows.append(Row(names[int(i)], cells, total))
    return ConfusionView(
        columns=tuple(names[int(i)] for i in shown),
        rows=tuple(rows),
        others=k > len(shown),
        classes=k,
        pairs=_pairs(wrong, totals, names),
    )


def _pairs(wrong: NDArray[np.int64], totals: NDArray[np.int64], names: Sequence[str]) -> tuple[Confused, ...]:
    true, predicted = np.nonzero(wrong)
    order = np.argsort(-wrong[true, predicted], kind="stable")[:MOST_PAIRS]
    return tuple(
        Confused(names[int(t)], names[int(p)], int(wrong[t, p]), int(totals[t]))
        for t, p in zip(true[order], predicted[order], strict=True)
    )
