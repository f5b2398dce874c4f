"""How good the answer would be if the trunk pass ended now: a head on the pictures seen so far."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headstart.core import numbers
from headstart.core.progress import Voice
from headstart.heads.linear import fit_at

STRENGTH = 1e-3
"""Inverse regularisation strength of the heads on the way; the last one's is chosen by cross-validation."""

FEWEST = 4
"""Pictures of each class before the first head is tried."""

FEWEST_HELD = 20
"""Pictures to measure on before anything is said."""

MOST = 4000
"""Training pictures that are held for this; more would change the third digit and cost time."""

APART = 1.0
"""Least seconds between two heads, besides that each has twice the pictures of the one before."""


class SoFar:
    """Watches features come and says now and then what accuracy they give.

    Args:
        labels: Class of each picture, shape (n,).
        train: Indices of those that are trained on.
        held: Indices of those that are measured on.
        classes: Number of classes.
        voice: Told the accuracy, with its interval.
    """

    def __init__(
        self,
        labels: NDArray[np.int64],
        train: NDArray[np.int64],
        held: NDArray[np.int64],
        classes: int,
        voice: Voice,
    ) -> None:
        self._labels, self._classes, self._voice = labels, classes, voice
        self._rows: dict[str, list[NDArray[np.float32]]] = {"train": [], "held": []}
        self._seen: dict[str, list[int]] = {"train": [], "held": []}
        self._part = {int(i): "train" for i in train} | {int(i): "held" for i in held}
        self._next = FEWEST * classes
        self._last = -np.inf

    def __call__(self, indices: Sequence[int], rows: NDArray[np.float32]) -> None:
        """Takes features of some pictures.

        Args:
            indices: Which pictures.
            rows: Their features, shape (k, width).
        """
        for index, row in zip(indices, rows, strict=True):
            part = self._part.get(int(index))
            if part is not None and len(self._seen[part]) < MOST:
                self._seen[part].append(int(index))
                self._rows[part].append(np.array(row))
        now = time.monotonic()
        enough = len(self._seen["train"]) >= self._next and len(self._seen["held"]) >= FEWEST_HELD
        if enough and now >= self._last + APART:
            self._say()
            self._next, self._last = 2 * len(self._seen["train"]), time.monotonic()

    def _say(self) -> None:
        y, truth = self._labels[self._seen["train"]], self._labels[self._seen["held"]]
        if len(np.unique(y)) < self._classes:
            return
        head = fit_at(np.stack(self._rows["train"]), y, self._classes, strength=STRENGTH)
        right = int((head.probabilities(np.stack(self._rows["held"])).argmax(axis=1) == truth).sum())
        found = numbers.share(right, len(truth))
        self._voice.remark(
            f"so far: accuracy {found.value:.3f}, 95 % interval {found.low:.3f} to {found.high:.3f}, on"
            f" {found.n:,} pictures, trained on {len(y):,}"
        )
