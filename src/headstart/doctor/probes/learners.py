"""Small, quick classifiers that say whether rows tell their labels; no match for a net, but no fools."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy

Array = np.ndarray[Any, Any]

ROWS = 800
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


def cross_validated(rows: Array, ids: Array) -> Learned:
    """Accuracy in three folds, of the best of the classifiers."""
    return max(each(rows, ids), key=lambda learned: learned.accuracy)


def each(rows: Array, ids: Array) -> Iterator[Learned]:
    """What each classifier reaches in three folds, one after another: whoever has seen enough may stop."""
    rows, _ = _scaled(rows, rows[:1])
    folds = _folds(ids)
    chance = float(np.unique(ids, return_counts=True)[1].max() / len(ids))
    for name in CLASSIFIERS:
        answers = _in_folds(name, rows, ids, folds, False)
        yield Learned(float((answers == ids).mean()), chance, answers, len(ids))


def transferred(rows: Array, ids: Array, others: Array) -> Iterator[Array]:
    """The answers of each classifier for other rows, one after another."""
    near, far = _scaled(rows, others)
    for name in CLASSIFIERS:
        yield _answers(name, near, ids, far, False)


def rare_found(rows: Array, ids: Array, rare: Array, balanced: bool) -> tuple[float, float]:
    """The best share of rare rows that a classifier finds in three folds, and its mean recall."""
    rows, _ = _scaled(rows, rows[:1])
    folds = _folds(ids)
    best = (0.0, 0.0)
    for name in CLASSIFIERS:
        answers = _in_folds(name, rows, ids, folds, balanced)
        recalls = [float((answers[ids == v] == v).mean()) for v in np.unique(ids)]
        best = max(best, (float((answers[rare] == ids[rare]).mean()), float(np.mean(recalls))))
    return best


CLASSIFIERS = ("linear", "neighbours", "bent")


def _folds(ids: Array) -> Array:
    folds = np.empty(len(ids), int)
    order = np.random.default_rng(0).permutation(len(ids))
    folds[order[np.argsort(ids[order], kind="stable")]] = np.arange(len(ids)) % 3
    return folds


def _in_folds(name: str, rows: Array, ids: Array, folds: Array, balanced: bool) -> Array:
    answers = np.zeros(len(ids), ids.dtype)
    for fold in range(3):
        inside, outside = folds != fold, folds == fold
        answers[outside] = _answers(name, rows[inside], ids[inside], rows[outside], balanced)
    return answers


def _answers(name: str, rows: Array, ids: Array, others: Array, balanced: bool) -> Array:
    values, at = np.unique(ids, return_inverse=True)
    if name == "neighbours":
        return values[_neighbours(rows, at, others, len(values))]
    if name == "bent":
        rows, others = _bent(rows), _bent(others)
    return values[_linear(rows, at, others, len(values), balanced)]


def _linear(rows: Array, at: Array, others: Array, classes: int, balanced: bool) -> Array:
    """Least squares on one-hot labels, held down by a penalty."""
    near, far = (np.hstack([part, np.ones((len(part), 1))]) for part in (rows, others))
    wanted = np.eye(classes)[at]
    weight = np.ones(len(at))
    if balanced:
        weight = len(at) / (classes * np.bincount(at, minlength=classes)[at])
    heavy = near * weight[:, None]
    penalty = 1e-2 * len(near) * np.eye(near.shape[1])
    penalty[-1, -1] = 1e-6
    found: Array = (far @ np.linalg.solve(heavy.T @ near + penalty, heavy.T @ wanted)).argmax(axis=1)
    return found


def _bent(rows: Array) -> Array:
    """Random features that a linear classifier needs for what is not linear."""
    rng = np.random.default_rng(0)
    wide = rows.shape[1]
    parts = []
    for scale in (0.5, 1.5):
        turn = rng.normal(size=(wide, 150)) * scale / np.sqrt(wide)
        parts.append(np.cos(rows @ turn * 2 + rng.uniform(0, 2 * np.pi, 150)))
    return np.hstack(parts)


def _neighbours(rows: Array, at: Array, others: Array, classes: int) -> Array:
    """The vote of the five nearest rows."""
    apart = (others**2).sum(axis=1)[:, None] - 2 * others @ rows.T + (rows**2).sum(axis=1)
    few = min(5, len(rows) - 1)
    nearest = np.argpartition(apart, few - 1, axis=1)[:, :few] if few else np.zeros((len(others), 1), int)
    votes: Array = np.stack([(at[nearest] == label).sum(axis=1) for label in range(classes)], axis=1)
    found: Array = votes.argmax(axis=1)
    return found


def _scaled(rows: Array, others: Array) -> tuple[Array, Array]:
    """Standardised by what the first set shows, and turned to its principal components where wide."""
    near, far = (np.nan_to_num(part, nan=0.0, posinf=0.0, neginf=0.0) for part in (rows, others))
    mean, spread = near.mean(axis=0), near.std(axis=0)
    keep = spread > 1e-7 * max(1e-12, float(np.abs(near).max()))
    if not keep.any():
        return near[:, :1] * 0, far[:, :1] * 0
    near, far = ((part[:, keep] - mean[keep]) / spread[keep] for part in (near, far))
    if near.shape[1] <= WIDTH:
        return near, far
    if near.shape[1] <= len(near):
        _, turn = np.linalg.eigh(near.T @ near)
        turn = turn[:, ::-1][:, :WIDTH]
    else:
        values, left = np.linalg.eigh(near @ near.T)
        strong = values[::-1][:WIDTH] > 1e-6 * max(1e-12, float(values[-1]))
        left = left[:, ::-1][:, :WIDTH][:, strong]
        turn = near.T @ left / np.sqrt(values[::-1][:WIDTH][strong])
    near, far = near @ turn, far @ turn
    # Of equal size all together, so that distances and random features keep their meaning.
    size = max(1e-12, float(near.std()))
    return near / size, far / size
