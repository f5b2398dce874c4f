"""Twins made on purpose: each kind of change that turns a picture into a near-identical one."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

Change = Callable[[Image.Image, np.random.Generator], bytes]


def _jpeg(picture: Image.Image, quality: int = 85) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _crop(picture: Image.Image, kept: float, chance: np.random.Generator) -> Image.Image:
    width, height = round(picture.width * kept), round(picture.height * kept)
    left = int(chance.integers(picture.width - width + 1))
    top = int(chance.integers(picture.height - height + 1))
    return picture.crop((left, top, left + width, top + height))


def _half(picture: Image.Image) -> Image.Image:
    return picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.LANCZOS)


def _brighter(picture: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Brightness(picture).enhance(factor)


CHANGES: dict[str, Change] = {
    "as PNG": lambda picture, _: _png(picture),
    "JPEG quality 95": lambda picture, _: _jpeg(picture, 95),
    "JPEG quality 60": lambda picture, _: _jpeg(picture, 60),
    "JPEG quality 30": lambda picture, _: _jpeg(picture, 30),
    "half the size": lambda picture, _: _jpeg(_half(picture)),
    "15 % brighter": lambda picture, _: _jpeg(_brighter(picture, 1.15)),
    "15 % darker": lambda picture, _: _jpeg(_brighter(picture, 0.85)),
    "mirrored": lambda picture, _: _jpeg(ImageOps.mirror(picture)),
    "crop, 95 % of each side": lambda picture, chance: _jpeg(_crop(picture, 0.95, chance)),
    "crop, 90 %": lambda picture, chance: _jpeg(_crop(picture, 0.90, chance)),
    "crop, 85 %": lambda picture, chance: _jpeg(_crop(picture, 0.85, chance)),
    "crop, 80 %": lambda picture, chance: _jpeg(_crop(picture, 0.80, chance)),
    "crop 90 %, mirrored": lambda picture, chance: _jpeg(ImageOps.mirror(_crop(picture, 0.90, chance))),
}


def make(data: bytes, kind: str, seed: int) -> bytes:
    """A twin of a picture file, as the bytes of a file.

    Args:
        data: The picture file's content.
        kind: A key of `CHANGES`.
        seed: Decides where a crop lies.
    """
    with Image.open(io.BytesIO(data)) as picture:
        return CHANGES[kind](picture.convert("RGB"), np.random.default_rng(seed))
