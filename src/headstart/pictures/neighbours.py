"""Nearest neighbours in a space, and distances measured by how far neighbours are thereabouts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

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
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points)
    return Neighbours(search.kneighbors(return_distance=False).astype(np.int64))


def nearest_to(queries: NDArray[np.float32], points: NDArray[np.float32], k: int) -> NDArray[np.int64]:
    """The k points nearest to each query, shape (queries, k)."""
    search = NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points)
    found: NDArray[np.int64] = search.kneighbors(queries, return_distance=False).astype(np.int64)
    return found


class FeatureSpace:
    """Features, standardised over the data set and scaled to length 1, made when they are needed.

    A standardised copy of 100,000 features would take half a gigabyte more.

    Args:
        features: Shape (n, width).
    """

    def __init__(self, features: NDArray[np.float32]) -> None:
        self._features = features
        self._mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
        spread = features.std(axis=0, dtype=np.float64).astype(np.float32)
        # A unit that hardly ever fires must not outweigh all others.
        self._spread = spread + np.float32(1e-3) * spread.mean() + np.float32(1e-12)

    def rows(self, indices: NDArray[np.int64] | slice) -> NDArray[np.float32]:
        """Some rows, shape (m, width), of length 1 each."""
        centred = (self._features[indices] - self._mean) / self._spread
        return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)

    def projected(self) -> NDArray[np.float32]:
        """All rows in few dimensions that about keep their distances (Johnson and Lindenstrauss)."""
        count, width = self._features.shape
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
            found[start : start + _BLOCK] = (self.rows(some[:, 0]) * self.rows(some[:, 1])).sum(axis=1)
        return np.clip(found, -1.0, 1.0)


def distance(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """The distance of two vectors of length 1 with a given cosine, in [0, 2]."""
    return np.sqrt(np.maximum(2.0 - 2.0 * cosines, 0.0)).astype(np.float32)
