"""What a scikit-learn user may hand over as X: paths, pixels, or features that are ready."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from headstart.core.errors import InputError
from headstart.features.decoding import Source


def pictures_in(x: Any) -> list[Source] | None:
    """The pictures that X holds, or None where it is a table of features.

    Args:
        x: Paths (a list, tuple, 1-D array or series of str or Path), or pixels (uint8, shape
            (n, height, width, 3)), or anything else.

    Raises:
        InputError: If it is a single path, or a 4-D array of something else than RGB bytes.
    """
    if isinstance(x, str | os.PathLike):
        raise InputError(
            "X must be a sequence of paths, one a picture",
            f"a single path, {os.fspath(x)!r}",
            "put it in a list",
        )
    dimensions = getattr(x, "ndim", None)
    if dimensions == 4:
        return _encode(np.asarray(x))
    if dimensions not in (None, 1) or (
        not isinstance(x, Sequence | np.ndarray) and not hasattr(x, "to_numpy")
    ):
        return None
    items = list(x)
    if items and all(isinstance(item, str | os.PathLike) for item in items):
        return [Path(item) for item in items]
    return None


def _encode(pixels: NDArray[Any]) -> list[Source]:
    """Pixels as picture files in memory, without loss, so that they are read as every picture is.

    BMP holds bytes as they are: quick, and the same under every version of every library, so that
    the feature store finds the picture again.
    """
    if pixels.dtype != np.uint8 or pixels.shape[-1] != 3 or 0 in pixels.shape[1:]:
        raise InputError(
            "A 4-D X must hold RGB pixels 0..255 as uint8, shape (n, height, width, 3)",
            f"dtype {pixels.dtype}, shape {pixels.shape}",
            "convert it, or give paths",
        )
    files: list[Source] = []
    for picture in pixels:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "BMP")
        files.append(file.getvalue())
    return files
