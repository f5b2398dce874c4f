"""What the features room hands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core import hashing
from headstart.core.rows import Rows
from headstart.pictures.records import Recipe, Skipped

if TYPE_CHECKING:
    from headstart.engines.int8_trial import Trial


@dataclass(frozen=True)
class Maker:
    """What computed features; equal makers give equal features for equal pictures.

    Attributes:
        trunk: Key of the trunk: architecture, weights and preprocessing.
        backbone: The backbone's name, for people.
        width: Numbers in one feature.
        recipe: How the pixels are read.
        engine: 'openvino', 'onnx' or 'keras'.
        precision: 'f32', 'bf16', or the name of the quantised graph, 'int8-' and 16 digits: calibrated on
            other pictures, a trunk gives other features.
        storage: In which type a feature is kept: 'f32', or 'f16' for maps.
    """

    trunk: str
    backbone: str
    width: int
    recipe: Recipe
    engine: str
    precision: str
    storage: str = "f32"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type in which a feature is kept, little endian."""
        return np.dtype("<f2" if self.storage == "f16" else "<f4")

    @property
    def format(self) -> str:
        """The number format alone: 'f32', 'bf16' or 'int8'."""
        return self.precision.split("-", 1)[0]

    @property
    def key(self) -> str:
        """The part of the store's key that is not the picture's content."""
        recipe = self.recipe
        settings: dict[str, object] = {
            "trunk": self.trunk,
            "recipe": [recipe.width, recipe.height, recipe.interpolation, recipe.version],
            "engine": self.engine,
            "precision": self.precision,
        }
        if recipe.view:
            settings["view"] = recipe.view
        if self.storage != "f32":
            settings["storage"] = self.storage
        return hashing.of_settings(settings)


@dataclass(frozen=True)
class Row:
    """One picture's feature as the store holds it.

    Attributes:
        content: SHA-256 of the picture file's bytes, 64 hexadecimal digits.
        vector: The feature, shape (width,), float32 or float16.
        fingerprint: Perceptual hashes of the decoded picture.
    """

    content: str
    vector: NDArray[Any]
    fingerprint: bytes


@dataclass(frozen=True)
class Features:
    """Features of the pictures that could be read, in the order in which they were given.

    Attributes:
        matrix: Shape (n, width), float32, or float16 for maps; a mapped file where memory should not hold it,
            so take parts of it by `rows`.
        contents: SHA-256 of each picture's file.
        fingerprints: Perceptual hashes of each picture.
        kept: Which of the given pictures each row belongs to, shape (n,), int64, ascending.
        skipped: The given pictures that could not be read, with reasons.
        maker: What computed them.
        computed: How many distinct pictures went through the trunk in this call.
        found: How many distinct pictures were in the store.
        rate: Pictures per second of this call's trunk passes; 0 where there were none.
        notes: Lines on how engine and precision were chosen.
        unseen: How many of the given pictures were not come to before the pass was stopped.
        stopped: By what it was stopped; empty where all pictures were seen.
        trial: How int8 compares with what would run without it, where it was chosen here.
    """

    matrix: NDArray[Any]
    contents: tuple[str, ...]
    fingerprints: tuple[bytes, ...]
    kept: NDArray[np.int64]
    skipped: tuple[Skipped, ...]
    maker: Maker
    computed: int
    found: int
    rate: float
    notes: tuple[str, ...] = ()
    unseen: int = 0
    stopped: str = ""
    trial: Trial | None = None

    def __len__(self) -> int:
        return len(self.contents)

    def rows(self, indices: NDArray[np.int64]) -> Rows:
        """The features of some of the pictures, not yet read."""
        return Rows.of(self.matrix, indices)
