"""Small, quick classifiers that say whether rows tell their labels; no match for a net, but no fools."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.doctor.capture.peek import to_numpy

Array = np.ndarray[Any, Any]

ROWS = 1000
"""The most rows that are used."""
WIDTH = 64
"""Principal components that are kept."""
WORDS = 512


def features(x: Any, index: Array | None = None, tokens: bool = False) -> Array | None:
    """Rows as a matrix of floats: pictures are shrunk, series laid flat, token ids counted.

    Args:
        x: An array, or a dict or list of arrays, of which all are used.
        index: The rows wanted; all of them by default.
        tokens: Whether whole numbers are ids of words.

    Returns:
        The matrix, or None where x holds no numbers.
    """
    if isinstance(x, dict | list | tuple) and not hasattr(x, "shape"):
        values = list(x.values()) if isinstance(x, dict) else list(x)
        if not values or np.isscalar(values[0]):
            return None
        parts = [features(value, index, tokens) for value in values]
        known = [part for part in parts if part is not None]
        return np.concatenate(known, axis=1) if len(known) == len(parts) else None
    array = np.asarray(x.iloc[index] if index is not None and hasattr(x, "iloc") else to_numpy(x))
    if index is not None and not hasattr(x, "iloc"):
        array = array[index]
    if array.dtype.kind not in "iufb" or array.ndim == 0 or not len(array):
        return None
    if tokens and array.ndim == 2 and (array == np.round(array)).all() and array.min() >= 0:
        counts = np.zeros((len(array), WORDS), np.float32)
        rows = np.repeat(np.arange(len(array)), array.shape[1])
        np.add.at(counts, (rows, (array.astype(np.int64) * 7919 % WORDS).reshape(-1)), 1)
        return np.sqrt(counts)
    if array.ndim in (3, 4) and min(array.shape[1:3]) > 24:
        step = int(np.ceil(max(array.shape[1:3]) / 24))
        high, wide = (size // step * step for size in array.shape[1:3])
        cut = array[:, :high, :wide].astype(np.float32)
        cut = cut.reshape(len(cut), high // step, step, wide // step, step, -1).mean(axis=(2, 4))
        array = cut
    flat = array.reshape(len(array), -1).astype(np.float32)
    return flat[:, :: max(1, flat.shape[1] // 4096)]


@dataclass(frozen=True)
class Learned:
    """How well labels can be told from rows.

    Attributes:
        accuracy: The best of the classifiers, on rows that it was not fitted to.
        chance: The share of the most frequent class in those rows.
        answers: Its answer for each row that it was asked about.
        rows: How many these are.
    """

    accuracy: float
    chance: float
    answers: Array
    rows: int

    @property
    def noise(self) -> float:
        """The standard error of an accuracy at the level of chance."""
        return float(np.sqrt(max(1e-4, self.chance * (1 - self.chance)) / max(1, self.rows)))

    @property
    def learnable(self) -> bool:
        """Whether it is far above chance, beyond what luck gives."""
        return self.accuracy > self.chance + max(6 * self.noise, 0.3 * (1 - self.chance))

    @property
    def at_chance(self) -> bool:
        """Whether nothing but luck separates it from answering the most frequent class."""
        return self.accuracy < self.chance + max(2.5 * self.noise, 0.02)


def cross_validated(rows: Array, ids: Array, balanced: bool = False) -> Learned:
    """Accuracy in three folds, of the best of a linear classifier, neighbours and a forest."""
    folds = _folds(ids)
    answers = {name: np.zeros(len(ids), ids.dtype) for name in _classifiers(balanced)}
    for fold in range(3):
        inside, outside = folds != fold, folds == fold
        for name, answer in _answers(rows[inside], ids[inside], rows[outside], balanced).items():
            answers[name][outside] = answer
    return _best(answers, ids)


def transferred(rows: Array, ids: Array, others: Array) -> dict[str, Array]:
    """The answers, by classifier, for other rows."""
    return _answers(rows, ids, others, False)


def rare_found(rows: Array, ids: Array, rare: Array, balanced: bool) -> tuple[float, float]:
    """The best share of rare rows that a classifier finds in three folds, and its mean recall."""
    folds = _folds(ids)
    best = (0.0, 0.0)
    for name in _classifiers(balanced):
        answers = np.zeros(len(ids), ids.dtype)
        for fold in range(3):
            inside, outside = folds != fold, folds == fold
            answers[outside] = _answers(rows[inside], ids[inside], rows[outside], balanced, name)[name]
        recalls = [float((answers[ids == v] == v).mean()) for v in np.unique(ids)]
        best = max(best, (float((answers[rare] == ids[rare]).mean()), float(np.mean(recalls))))
    return best


def _folds(ids: Array) -> Array:
    folds = np.empty(len(ids), int)
    order = np.random.default_rng(0).permutation(len(ids))
    folds[order[np.argsort(ids[order], kind="stable")]] = np.arange(len(ids)) % 3
    return folds


def _best(answers: dict[str, Array], ids: Array) -> Learned:
    counts = np.unique(ids, return_counts=True)[1]
    name = max(answers, key=lambda one: float((answers[one] == ids).mean()))
    accuracy = float((answers[name] == ids).mean())
    return Learned(accuracy, float(counts.max() / len(ids)), answers[name], len(ids))


def _classifiers(balanced: bool) -> dict[str, Any]:
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neighbors import KNeighborsClassifier

    weight = "balanced" if balanced else None
    return {
        "linear": LogisticRegression(max_iter=200, class_weight=weight),
        "neighbours": KNeighborsClassifier(5),
        "forest": ExtraTreesClassifier(50, min_samples_leaf=2, random_state=0, class_weight=weight),
    }


def _answers(
    rows: Array, ids: Array, others: Array, balanced: bool, only: str | None = None
) -> dict[str, Array]:
    if len(np.unique(ids)) < 2:
        return {name: np.full(len(others), ids[0]) for name in _classifiers(balanced)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        near, far = _scaled(rows, others)
        found = {}
        for name, classifier in _classifiers(balanced).items():
            if only in (None, name):
                found[name] = np.asarray(classifier.fit(near, ids).predict(far))
    return found


def _scaled(rows: Array, others: Array) -> tuple[Array, Array]:
    """Standardised by what the first set shows, and turned to its principal components where wide."""
    near, far = (np.nan_to_num(part, nan=0.0, posinf=0.0, neginf=0.0) for part in (rows, others))
    mean, spread = near.mean(axis=0), near.std(axis=0)
    keep = spread > 1e-7 * max(1e-12, float(np.abs(near).max()))
    if not keep.any():
        return near[:, :1] * 0, far[:, :1] * 0
    near, far = ((part[:, keep] - mean[keep]) / spread[keep] for part in (near, far))
    if near.shape[1] > WIDTH:
        from sklearn.decomposition import PCA

        turn = PCA(min(WIDTH, len(near) - 1), random_state=0, svd_solver="randomized").fit(near)
        near, far = turn.transform(near), turn.transform(far)
    return near, far
