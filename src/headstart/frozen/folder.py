"""A folder of pictures as arrays that a Keras model takes."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import HeadError, PicturesError
from headstart.core.progress import Voice
from headstart.features.decoding import decode_ahead
from headstart.pictures import Part, Pictures, Recipe, open_pictures

if TYPE_CHECKING:
    import keras

IN_MEMORY = 1 << 30
"""Bytes of pixels that are held in memory; more lie in a temporary file for as long as `fit` runs."""

Samples = tuple[NDArray[np.uint8], NDArray[Any]]
"""Pixels of shape (n, height, width, 3) and targets as the model's loss takes them."""


@dataclass(frozen=True)
class FolderData:
    """The pictures of a folder.

    Attributes:
        train: Those to train on.
        validation: Those that the folder's own layout holds out, or None where it does not.
    """

    train: Samples
    validation: Samples | None


@contextlib.contextmanager
def read_folder(path: Path, model: keras.Model, voice: Voice) -> Iterator[FolderData]:
    """Decodes a folder of pictures to the size that a model takes, raw RGB 0..255.

    Args:
        path: A folder of class folders, one with train/ and validation/ parts, or a manifest.
        model: A model with one input for pictures; preprocessing must be inside it.
        voice: Told of the layout and of every picture that is left out.

    Raises:
        PicturesError: If the folder cannot be used.
        HeadError: If the model does not take pictures, or has no output for each class.
    """
    height, width = _size(model)
    pictures = open_pictures(path)
    voice.say(pictures.layout)
    for skipped in pictures.skipped:
        voice.warn(f"{skipped.path} is left out: {skipped.reason}")
    targets = _targets(model, pictures)
    with tempfile.TemporaryDirectory(prefix="headstart-", ignore_cleanup_errors=True) as folder:
        pixels, kept = _decoded(pictures, Recipe(width, height, "bilinear"), voice, Path(folder))
        parts = np.array(pictures.parts or (Part.TRAIN,) * len(pictures))[kept]
        train, held_out = (np.flatnonzero(parts == part) for part in (Part.TRAIN, Part.VALIDATION))
        if not len(train):
            raise PicturesError(
                "There must be readable pictures to train on",
                f"{path} without one",
                "look at the reasons above",
            )
        targets = targets[kept]
        whole = len(train) == len(pixels)
        yield FolderData(
            (pixels, targets) if whole else (pixels[train], targets[train]),
            (pixels[held_out], targets[held_out]) if len(held_out) else None,
        )
        del pixels


def _size(model: keras.Model) -> tuple[int, int]:
    shapes = [tuple(tensor.shape) for tensor in model.inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][3] != 3 or None in shapes[0][1:3]:
        raise HeadError(
            "For a folder of pictures, the model takes one input of shape (height, width, 3)",
            f"a model with inputs of shape {', '.join(str(shape[1:]) for shape in shapes)}",
            "give arrays or a dataset as x",
        )
    return int(shapes[0][1]), int(shapes[0][2])


def _targets(model: keras.Model, pictures: Pictures) -> NDArray[Any]:
    """Labels as the loss takes them: numbers where it is sparse, one column, or one for each class."""
    classes, units = len(pictures.class_names), int(model.outputs[0].shape[-1])
    named = model.loss if isinstance(model.loss, str) else getattr(model.loss, "name", "")
    if units == 1 and classes == 2:
        return pictures.labels.astype(np.float32)[:, np.newaxis]
    if len(model.outputs) != 1 or units != classes:
        raise HeadError(
            f"For the classes {', '.join(pictures.class_names)} the model ends in {classes} units",
            f"a model that ends in {units}",
            f"make its last layer Dense({classes})",
        )
    if "sparse" in str(named):
        return pictures.labels
    return np.eye(classes, dtype=np.float32)[pictures.labels]


def _decoded(
    pictures: Pictures, recipe: Recipe, voice: Voice, folder: Path
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    shape = (len(pictures), recipe.height, recipe.width, 3)
    pixels: NDArray[np.uint8]
    if int(np.prod(shape)) <= IN_MEMORY:
        pixels = np.empty(shape, np.uint8)
    else:
        pixels = np.memmap(folder / "pixels", np.uint8, mode="w+", shape=shape)
    kept: list[int] = []
    with voice.track(f"Reading {len(pictures)} pictures", len(pictures), "pictures") as advance:
        for attempt in decode_ahead(pictures.paths, range(len(pictures)), recipe):
            if attempt.decoded is None:
                voice.warn(f"{pictures.paths[attempt.index]} is left out: {attempt.reason}")
            else:
                pixels[len(kept)] = attempt.decoded.pixels
                kept.append(attempt.index)
            advance(1)
    return pixels[: len(kept)], np.array(kept, dtype=np.int64)
