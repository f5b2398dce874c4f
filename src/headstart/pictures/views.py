"""Random views of a picture: a part of it, mirrored or not, in other light.

A view is drawn from the picture's content and the view's number, so it is the same each time and can be kept.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image, ImageEnhance

LEAST_AREA = 0.7
"""Smallest share of a picture's area that a view shows."""

STRETCH = 0.1
"""How far a part's sides may depart from the picture's proportion, as a share."""

LIGHT = 0.2
"""How far brightness, contrast and saturation may depart from the picture's own, as a share."""


@dataclass(frozen=True)
class View:
    """What a view shows.

    Attributes:
        left: Left edge, as a share of the width.
        top: Top edge, as a share of the height.
        width: Share of the width.
        height: Share of the height.
        mirrored: Whether left and right change sides.
        light: Factors of brightness, contrast and saturation.
    """

    left: float
    top: float
    width: float
    height: float
    mirrored: bool
    light: tuple[float, float, float]

    def box(self, size: tuple[int, int]) -> tuple[float, float, float, float]:
        """The part in pixels of a picture of this size: left, top, right, bottom."""
        across, down = size
        left, top = self.left * across, self.top * down
        return left, top, left + self.width * across, top + self.height * down

    def finish(self, small: Image.Image) -> Image.Image:
        """The part, already at its final size, turned and lit."""
        if self.mirrored:
            small = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        brightness, contrast, saturation = self.light
        small = ImageEnhance.Brightness(small).enhance(brightness)
        small = ImageEnhance.Contrast(small).enhance(contrast)
        return small if small.mode == "L" else ImageEnhance.Color(small).enhance(saturation)


def view_of(content: str, number: int) -> View:
    """The view of this number of a picture.

    Args:
        content: SHA-256 of the file's bytes.
        number: From 1.
    """
    draw = random.Random(f"{content}:{number}")
    area, stretch = draw.uniform(LEAST_AREA, 1.0), draw.uniform(1 - STRETCH, 1 + STRETCH)
    width, height = min(1.0, (area * stretch) ** 0.5), min(1.0, (area / stretch) ** 0.5)
    return View(
        left=draw.uniform(0.0, 1.0 - width),
        top=draw.uniform(0.0, 1.0 - height),
        width=width,
        height=height,
        mirrored=draw.random() < 0.5,
        light=(
            draw.uniform(1 - LIGHT, 1 + LIGHT),
            draw.uniform(1 - LIGHT, 1 + LIGHT),
            draw.uniform(1 - LIGHT, 1 + LIGHT),
        ),
    )
