"""Folds for cross-validation: stratified, seeded, twins and groups together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FOLDS = 5


def make_folds(
    labels: NDArray[np.int64], groups: NDArray[np.int64] | None, seed: int, most: int = FOLDS
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Pairs of (train, held out) indices; none where a class is too small for two folds.

    Args:
        labels: Class index of each picture, shape (n,).
        groups: Group of each picture; all of a group are held out together. None: each on its own.
        seed: Seeds the shuffle.
        most: How many folds, where the classes are large enough.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    if groups is not None and len(np.unique(groups)) == len(groups):
        # Each on its own: the same law, and for 20,000 pictures 500 times quicker.
        groups = None
    units = labels if groups is None else _labels_of_groups(labels, groups)
    folds = min(most, int(np.bincount(units)[np.unique(units)].min()))
    if folds < 2:
        return []
    if groups is None:
        splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    else:
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    pairs = splitter.split(np.zeros((len(labels), 1)), labels, groups)
    classes = len(np.unique(labels))
    return [(train, held) for train, held in pairs if len(np.unique(labels[train])) == classes and len(held)]


def _labels_of_groups(labels: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """One label for each pair of group and class: how many independent pieces a class has."""
    pairs = np.unique(np.stack([groups, labels], axis=1), axis=0)
    return pairs[:, 1]
