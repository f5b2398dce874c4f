"""Groups of twins without chains: who joins must be near to everyone, and no group takes all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Near = Callable[[NDArray[np.int64]], bool]


def cut(pairs: NDArray[np.int64], strength: NDArray[np.float32], limit: int, near: Near) -> NDArray[np.bool_]:
    """Decides which pairs stay, so that what the pairs connect are groups and not chains.

    The nearest pair joins first. Two groups become one if together they are no more than `limit`, and
    each member of the one is near to each member of the other (complete linkage).

    Args:
        pairs: Shape (p, 2).
        strength: Distance of each pair: the lower, the earlier it joins; shape (p,).
        limit: Members that a group may have.
        near: Whether all of some pairs, shape (m, 2), are near.

    Returns:
        Which pairs stay, shape (p,). A pair stays if both of it end in one group.
    """
    group: dict[int, list[int]] = {}
    # Ties are settled by the indices, so that the same data gives the same groups everywhere.
    for place in np.lexsort((pairs[:, 1], pairs[:, 0], strength)):
        a, b = int(pairs[place, 0]), int(pairs[place, 1])
        one, other = group.setdefault(a, [a]), group.setdefault(b, [b])
        if one is other or len(one) + len(other) > limit:
            continue
        across = np.array([(min(x, y), max(x, y)) for x in one for y in other], dtype=np.int64)
        if len(across) > 1 and not near(across):
            continue
        one += other
        for member in other:
            group[member] = one
    return np.array([group[int(a)] is group[int(b)] for a, b in pairs], dtype=np.bool_)


def connected(count: int, pairs: NDArray[np.int64]) -> NDArray[np.int64]:
    """The lowest index of everyone that each is connected with, directly or by others; shape (count,)."""
    parent = list(range(count))

    def root(of: int) -> int:
        while parent[of] != of:
            parent[of] = parent[parent[of]]
            of = parent[of]
        return of

    for a, b in pairs.tolist():
        one, other = root(a), root(b)
        parent[max(one, other)] = min(one, other)
    return np.array([root(index) for index in range(count)], dtype=np.int64)
