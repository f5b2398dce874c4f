"""How well one small picture, or a crop of it, or its mirror image, lies over another."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from headstart.pictures.fingerprint import GRID, patterns

SCALES = (1.0, 0.93, 0.86, 0.80, 0.74)
"""Shares of a side that a crop may keep. Small pictures are soft, so steps may be coarse."""

_BATCH = 128


def aligned(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """The greatest correlation over crops of either picture, plain and mirrored.

    Width and height are cropped independently, at places about a pixel apart.

    Args:
        first: Small pictures, shape (p, 16, 16).
        second: The same number of others.

    Returns:
        Correlations in [-1, 1], shape (p,).
    """
    best = np.empty(len(first), dtype=np.float32)
    for start in range(0, len(first), _BATCH):
        here = slice(start, start + _BATCH)
        one, other = first[here], second[here]
        flipped = one[:, :, ::-1]
        ways = ((one, other), (other, one), (flipped, other), (other, flipped))
        best[here] = np.max([_best_crop(whole, part) for whole, part in ways], axis=0)
    return best


def _best_crop(whole: NDArray[np.float32], part: NDArray[np.float32]) -> NDArray[np.float32]:
    """The greatest correlation of `part` with any crop of `whole`, shape (p,)."""
    cuts = _cuts()
    rows = np.einsum("yij,pjk->pyik", cuts, whole, optimize=True)
    crops = np.einsum("pyik,xlk->pyxil", rows, cuts, optimize=True)
    count = len(cuts) ** 2
    vectors = patterns(crops.reshape(-1, GRID, GRID)).reshape(len(whole), count, GRID * GRID)
    result: NDArray[np.float32] = np.einsum("pcv,pv->pc", vectors, patterns(part)).max(axis=1)
    return result


@cache
def _cuts() -> NDArray[np.float32]:
    """Matrices that cut a line of pixels and stretch the cut to full length, shape (cuts, 16, 16)."""
    found = []
    for scale in SCALES:
        room = GRID * (1 - scale)
        for start in np.linspace(0, room, round(room) + 1):
            # Linear interpolation between pixel centres.
            centres = np.clip(start + (np.arange(GRID) + 0.5) * scale - 0.5, 0, GRID - 1)
            left = np.minimum(centres.astype(np.int64), GRID - 2)
            cut = np.zeros((GRID, GRID), dtype=np.float32)
            cut[np.arange(GRID), left] = 1 - (centres - left)
            cut[np.arange(GRID), left + 1] = centres - left
            found.append(cut)
    return np.stack(found)
