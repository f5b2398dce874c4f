"""Rows of matrices that may be larger than memory: named, and read a block at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HELD = 40_000_000
"""Numbers in a matrix up to which it is held in memory, and a head is fitted to it as a whole. The fit's
copies take about 50 bytes for each (measured), so this is 2 GB; 31,250 features of 1,280 numbers. It is not
a share of the machine's memory: the same pictures must give the same head everywhere."""

BLOCK = 1 << 20
"""Numbers in a block: 4 MB, small enough for the processor's cache and large enough for its products."""


def held(rows: int, width: int) -> bool:
    """Whether a matrix of so many rows and columns is worked on as a whole."""
    return rows * width <= HELD


def block_rows(width: int) -> int:
    """Rows of a block."""
    return max(1, BLOCK // max(1, width))


@dataclass(frozen=True)
class Rows:
    """Some rows of one matrix or of several, in memory or on disk; nothing is read before it is asked for.

    Attributes:
        pieces: Matrices, shape (m, width) each, and the indices of the rows that are meant, int64.
    """

    pieces: tuple[tuple[NDArray[Any], NDArray[np.int64]], ...]

    @classmethod
    def of(cls, matrix: NDArray[Any] | Rows, indices: NDArray[np.int64] | None = None) -> Rows:
        """All rows of a matrix, or those of the given indices."""
        if isinstance(matrix, Rows):
            return matrix if indices is None else matrix.some(indices)
        return cls(((matrix, np.arange(len(matrix)) if indices is None else indices),))

    @classmethod
    def joined(cls, parts: Sequence[Rows]) -> Rows:
        """The rows of several, one after the other."""
        return cls(tuple(piece for part in parts for piece in part.pieces))

    def __len__(self) -> int:
        return sum(len(indices) for _, indices in self.pieces)

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return int(self.pieces[0][0].shape[1])

    @property
    def held(self) -> bool:
        """Whether they are few enough to be worked on as a whole."""
        return held(len(self), self.width)

    def some(self, places: NDArray[np.int64]) -> Rows:
        """Those at the given places, in that order where all are of one matrix, else matrix by matrix."""
        starts = np.cumsum([0, *(len(indices) for _, indices in self.pieces)])
        found = []
        for (matrix, indices), start, end in zip(self.pieces, starts[:-1], starts[1:], strict=True):
            own = places[(places >= start) & (places < end)]
            found.append((matrix, indices[own - start]))
        return Rows(tuple(found))

    def take(self, places: NDArray[np.int64] | None = None) -> NDArray[np.float32]:
        """The rows at the given places (all by default), read; shape (n, width), float32."""
        if places is None:
            parts = [matrix[indices].astype(np.float32, copy=False) for matrix, indices in self.pieces]
            return parts[0] if len(parts) == 1 else np.concatenate(parts)
        starts = np.cumsum([0, *(len(indices) for _, indices in self.pieces)])
        piece = np.searchsorted(starts, places, side="right") - 1
        result = np.empty((len(places), self.width), np.float32)
        for number, (matrix, indices) in enumerate(self.pieces):
            own = piece == number
            result[own] = matrix[indices[places[own] - starts[number]]]
        return result

    def blocks(self) -> Iterator[slice]:
        """Slices that cover all rows, each a block."""
        step = block_rows(self.width)
        for start in range(0, len(self), step):
            yield slice(start, min(len(self), start + step))

    def read(self, block: slice) -> NDArray[np.float32]:
        """The rows of a block in memory, a copy, float32."""
        return self.take(np.arange(block.start, block.stop))


def whole(features: NDArray[np.float32] | Rows) -> NDArray[np.float32] | None:
    """Features as one matrix where they are few enough to be worked on as a whole, else None."""
    if isinstance(features, Rows):
        return features.take() if features.held else None
    return features if held(*features.shape) else None
