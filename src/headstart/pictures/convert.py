"""Every mode that Pillow hands over becomes RGB, or grey to be repeated three times, in 8 bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

WIDE_MODES = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N", "F"})

# Float pictures that were resized or averaged step a little over their range.
_SLACK = 0.02


def to_eight_bits(picture: Image.Image) -> Image.Image:
    """The picture in mode 'RGB' or, where it has no colour, 'L'.

    Alpha, whether a channel or one transparent colour, is laid over white. CMYK is converted without
    its colour profile, as profiles are left aside throughout.

    Args:
        picture: A loaded picture in any mode.
    """
    mode = picture.mode
    if mode in WIDE_MODES:
        return _wide(picture)
    if picture.has_transparency_data:
        return _over_white(picture)
    if mode in ("RGB", "L"):
        return picture
    if mode == "1":
        return picture.convert("L")
    if mode == "LAB":
        return _from_lab(picture)
    return picture.convert("RGB")


def _over_white(picture: Image.Image) -> Image.Image:
    # A palette or a transparent colour is resolved by this conversion, La and RGBa are divided by alpha.
    if picture.mode == "La":
        picture = picture.convert("LA")
    colours = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    white = Image.new("RGB", colours.size, (255, 255, 255))
    white.paste(colours, mask=colours.getchannel("A"))
    return white


def _from_lab(picture: Image.Image) -> Image.Image:
    """CIE Lab (D50) to sRGB, through LittleCMS, which Pillow's own conversion does not do."""
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
    converted = ImageCms.applyTransform(picture, transform)
    assert converted is not None  # Only a change in place returns None.
    return converted


def _wide(picture: Image.Image) -> Image.Image:
    """Whole numbers of 16 or 32 bits, or floats, to 8 bits by their range."""
    values = np.asarray(picture)
    key = picture.info.get("transparency")
    grey = _floats(values) if picture.mode == "F" else _integers(values)
    if isinstance(key, int):
        grey = np.where(values == key, np.uint8(255), grey)
    return Image.fromarray(grey)


def _integers(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Scales by the smallest of 8, 12 and 16 bits that holds the greatest value.

    12 bits is what microscopes and X-ray detectors put into 16. Anything that fits none of these
    (negative numbers, 32 bits) is stretched from its least to its greatest value.
    """
    low, high = int(values.min()), int(values.max())
    if low >= 0:
        for bits in (8, 12, 16):
            top = (1 << bits) - 1
            if high <= top:
                # Whole numbers keep this exact; the half makes the division round.
                return ((values.astype(np.uint32) * 255 + top // 2) // top).astype(np.uint8)
    return _stretch(values.astype(np.float64), low, high)


def _floats(values: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Scales by the first of the ranges 0..1, -1..1, 0..255, 0..4095, 0..65535 that holds every value.

    Any other range is stretched from its least to its greatest value. NaN becomes black, an infinite
    value the nearest end.

    Raises:
        ValueError: No value is finite.
    """
    numbers = values.astype(np.float64)
    finite = np.isfinite(numbers)
    if not finite.any():
        raise ValueError("holds no finite value")
    low, high = (
        float(numbers.min(where=finite, initial=np.inf)),
        float(numbers.max(where=finite, initial=-np.inf)),
    )
    for bottom, top in ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0), (0.0, 4095.0), (0.0, 65535.0)):
        # Of a wide range, two in a hundred could be all that there is.
        slack = _SLACK * (top - bottom) if top < 256 else 0.0
        if low >= bottom - slack and high <= top + slack:
            return _stretch(numbers, bottom, top)
    return _stretch(numbers, low, high)


def _stretch(numbers: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint8]:
    """Lays low..high over 0..255, rounding to nearest; a flat picture becomes black."""
    # Halves first: the width of the whole range of floats is no float.
    width = high / 2 - low / 2
    scaled = (numbers / 2 - low / 2) / (width or 1.0)
    return np.rint(np.clip(np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0) * 255).astype(
        np.uint8
    )
