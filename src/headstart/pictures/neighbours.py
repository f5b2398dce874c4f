"""Nearest neighbours in a space, and distances measured by how far neighbours are thereabouts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PROJECTED = 128
"""Dimensions in which neighbours are looked for; distances are then computed in all of them."""

_BLOCK = 4096


@dataclass(frozen=True)
class Neighbours:
    """Who is near whom.

    Attributes:
        indices: The k nearest others of each point, nearest first, shape (n, k).
    """

    indices: NDArray[np.int64]

    def pairs(self) -> NDArray[np.int64]:
        """Each point with each of its neighbours, the lower index first, once; shape (pairs, 2)."""
        count, k = self.indices.shape
        return ordered(np.repeat(np.arange(count), k), self.indices.ravel())

    def farthest(self) -> NDArray[np.int64]:
        """Each point with its k-th neighbour, shape (n, 2)."""
        return np.stack([np.arange(len(self.indices)), self.indices[:, -1]], axis=1)


def ordered(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs with the lower index first, without repeats and without pairs of one; shape (pairs, 2)."""
    both = np.stack([np.minimum(first, second), np.maximum(first, second)], axis=1).astype(np.int64)
    return np.unique(both[both[:, 0] != both[:, 1]], axis=0)


def nearest(points: NDArray[np.float32], k: int) -> Neighbours:
    """The k nearest others of each point (Euclidean, exact).

    Args:
        points: Shape (n, d), n > k.
        k: How many.
    """
    from sklearn.neighbors import NearestNeighbors  # A second to import: who only decodes does not wait.

    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points)
    return Neighbours(search.kneighbors(return_distance=False).astype(np.int64))


def nearest_to(queries: NDArray[np.float32], points: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The k points nearest to each query, shape (queries, k)."""
    from sklearn.neighbors import NearestNeighbors

    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points)
    found: NDArray[np.int64] = search.kneighbors(queries, return_distance=False).astype(np.int64)
    return found


class FeatureSpace:
    """Features, standardised over the data set and scaled to length 1, made when they are needed.

    A standardised copy of 100,000 features would take half a gigabyte more.

    Args:
        features: Shape (m, width); it may lie in a file, and is read a block at a time.
        which: The rows that are meant, shape (n,); all by default.
    """

    def __init__(self, features: NDArray[np.float32], which: NDArray[np.int64] | None = None) -> None:
        self._features = features
        self._which = np.arange(len(features)) if which is None else which
        count = len(self._which)
        total = np.zeros(features.shape[1], dtype=np.float64)
        squares = np.zeros_like(total)
        centre = features[self._which[:_BLOCK]].mean(axis=0)
        for start in range(0, count, _BLOCK):
            # About a centre near the mean, so that the difference of squares keeps its digits.
            block = (features[self._which[start : start + _BLOCK]] - centre).astype(np.float64)
            total += block.sum(axis=0)
            squares += (block * block).sum(axis=0)
        mean = total / count
        spread = np.sqrt(np.maximum(squares / count - mean * mean, 0.0)).astype(np.float32)
        self._mean = (centre + mean).astype(np.float32)
        # A unit that hardly ever fires must not outweigh all others.
        self._spread = spread + np.float32(1e-3) * spread.mean() + np.float32(1e-12)

    def rows(self, indices: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """Some rows, shape (m, width), of length 1 each."""
        centred = (self._features[self._which[indices]] - self._mean) / self._spread
        lengths = np.linalg.norm(centred, axis=1, keepdims=True)
        result: NDArray[np.float32] = centred / np.maximum(lengths, 1e-12)
        return result

    def projected(self) -> NDArray[np.float32]:
        """All rows in few dimensions that about keep their distances (Johnson and Lindenstrauss)."""
        count, width = len(self._which), self._features.shape[1]
        if width <= PROJECTED:
            return self.rows(slice(None))
        directions = np.random.default_rng(0).standard_normal((width, PROJECTED), dtype=np.float32)
        return np.concatenate(
            [self.rows(slice(start, start + _BLOCK)) @ directions for start in range(0, count, _BLOCK)]
        )

    def cosines(self, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of each pair, shape (pairs,)."""
        found = np.empty(len(pairs), dtype=np.float32)
        for start in range(0, len(pairs), _BLOCK):
            some = pairs[start : start + _BLOCK]
            found[start : start + _BLOCK] = np.einsum(
                "pw,pw->p", self.rows(some[:, 0]), self.rows(some[:, 1])
            )
        return np.clip(found, -1.0, 1.0)


def products(
    first: NDArray[np.float32], second: NDArray[np.float32], pairs: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Dot product of a row of `first` with a row of `second` for each pair, shape (pairs,)."""
    found = np.empty(len(pairs), dtype=np.float32)
    for start in range(0, len(pairs), _BLOCK):
        one, other = pairs[start : start + _BLOCK].T
        found[start : start + _BLOCK] = np.einsum("pv,pv->p", first[one], second[other])
    return found


def distance(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """The distance of two vectors of length 1 with a given cosine, in [0, 2]."""
    result: NDArray[np.float32] = np.sqrt(np.maximum(2.0 - 2.0 * cosines, 0.0)).astype(np.float32)
    return result
