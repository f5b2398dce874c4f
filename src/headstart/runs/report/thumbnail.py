"""Small pictures that travel inside the page."""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def thumbnail(pixels: NDArray[np.uint8], side: int = 128) -> str:
    """A JPEG as a data URI, some 2 to 6 KB.

    Args:
        pixels: RGB, shape (height, width, 3), uint8.
        side: Most pixels of the longer side; a smaller picture is not enlarged.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=78, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
