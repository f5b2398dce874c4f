"""Small pictures and folders of them, for the tests of this room."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image


def encoded(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def noise(seed: int = 0, width: int = 12, height: int = 10) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(values)


def write(path: Path, data: bytes | None = None, seed: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encoded(noise(seed)) if data is None else data)
    return path


def tree(root: Path, *names: str) -> Path:
    """Writes a PNG under each name; a name that ends in '/' becomes an empty folder."""
    for seed, name in enumerate(names):
        if name.endswith("/"):
            (root / name).mkdir(parents=True, exist_ok=True)
        else:
            write(root / name, seed=seed)
    return root
