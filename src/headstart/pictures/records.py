"""What the pictures room hands on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class Part(StrEnum):
    """The part of a split that a picture belongs to."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True)
class Skipped:
    """A file that was left out.

    Attributes:
        path: The file.
        reason: Why, in words for its owner.
    """

    path: Path
    reason: str


@dataclass(frozen=True)
class Pictures:
    """Labelled picture files, not yet decoded.

    Attributes:
        root: The folder or manifest that was given.
        paths: The picture files, n of them.
        labels: Class index of each, shape (n,), int64.
        class_names: Names in natural order ('2' before '10'); a label is an index into it.
        parts: The part that the layout or manifest gives each picture, or None where it gives none.
        groups: The group that a manifest gives each picture (all of a group stay in one
            part), or None.
        layout: One line that says how the layout was understood.
        skipped: Files left out before decoding, with reasons.
    """

    root: Path
    paths: tuple[Path, ...]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    parts: tuple[Part, ...] | None
    groups: tuple[str, ...] | None
    layout: str
    skipped: tuple[Skipped, ...] = ()

    def __len__(self) -> int:
        return len(self.paths)

    def take(self, kept: NDArray[np.int64]) -> Pictures:
        """The pictures at some indices, in that order; classes stay as they are."""
        return replace(
            self,
            paths=tuple(self.paths[i] for i in kept),
            labels=self.labels[kept],
            parts=None if self.parts is None else tuple(self.parts[i] for i in kept),
            groups=None if self.groups is None else tuple(self.groups[i] for i in kept),
        )


@dataclass(frozen=True)
class Recipe:
    """How pixels are read: one way for training, validation, prediction and export.

    Attributes:
        width: Pixels that the backbone takes, horizontally.
        height: Pixels that the backbone takes, vertically.
        interpolation: 'bilinear', 'bicubic', 'lanczos' or 'nearest', always anti-aliased.
        version: Raised whenever the same file would give other pixels than before.
        view: 0 is the picture as it is; any other number a random view of it (`pictures/views.py`), the same
            for the same file each time.
    """

    width: int
    height: int
    interpolation: str
    version: int = 1
    view: int = 0


@dataclass(frozen=True)
class Decoded:
    """One picture, ready for a backbone.

    Attributes:
        pixels: RGB, shape (height, width, 3), uint8.
        fingerprint: Perceptual hashes for the search of near-identical pictures.
        content: SHA-256 of the file's bytes, 64 hexadecimal digits.
    """

    pixels: NDArray[np.uint8]
    fingerprint: bytes
    content: str


@dataclass(frozen=True)
class TwinPair:
    """Two pictures that are the same or nearly so.

    Attributes:
        first: Index of one picture.
        second: Index of the other; first < second.
        kind: 'identical' (same pixels or bytes) or 'near-identical' (crop, re-encoding, mirror image).
        similarity: Cosine of their features, in [-1, 1].
    """

    first: int
    second: int
    kind: str
    similarity: float


@dataclass(frozen=True)
class Split:
    """Which picture serves for what.

    Attributes:
        train: Indices into the pictures, ascending, int64.
        validation: Likewise.
        test: Likewise; empty where the layout has no test part.
        twins: Pairs found to be identical or near-identical.
        moved: How many pictures changed their given part (or were left out) to keep twins together.
        dropped: Indices left out of every part, to keep twins on one side of a given split.
        origin: One line that says where the split comes from ('stratified 80/20, seed 0', 'folders').
    """

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    twins: tuple[TwinPair, ...]
    moved: int
    dropped: NDArray[np.int64]
    origin: str
