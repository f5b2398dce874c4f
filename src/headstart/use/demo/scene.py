"""What lies around the face: a cloudy background, confetti, noise."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]


def colour(rng: np.random.Generator, saturation: tuple[float, float], value: tuple[float, float]) -> Colour:
    """A colour of any hue, with saturation and value in the given ranges of [0, 1]."""
    red, green, blue = colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(*value))
    return int(255 * red), int(255 * green), int(255 * blue)


def shade(base: Colour, factor: float) -> Colour:
    """A colour made darker (below 1) or lighter."""
    red, green, blue = (min(255, int(channel * factor)) for channel in base)
    return red, green, blue


def turned(points: Sequence[Point], angle: float, centre: Point, size: float) -> list[Point]:
    """Points of a unit drawing, turned by an angle in radians, scaled, and moved to a centre."""
    cos, sin = np.cos(angle) * size, np.sin(angle) * size
    return [(centre[0] + cos * x - sin * y, centre[1] + sin * x + cos * y) for x, y in points]


def oval(x: float, y: float, across: float, down: float) -> list[Point]:
    """The outline of an upright ellipse with half axes `across` and `down`."""
    angles = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    return [(x + across * float(np.cos(a)), y + down * float(np.sin(a))) for a in angles]


def clouds(side: int, rng: np.random.Generator) -> Image.Image:
    """A background: soft patches around one colour."""
    base = np.array(colour(rng, (0.1, 0.7), (0.3, 1.0)), np.float64)
    cells = int(rng.integers(2, 9))
    patches = base + rng.normal(0.0, rng.uniform(5.0, 40.0), (cells, cells, 3))
    small = Image.fromarray(patches.clip(0, 255).astype(np.uint8))
    return small.resize((side, side), Image.Resampling.BICUBIC)


def confetti(brush: ImageDraw.ImageDraw, side: int, pieces: int, rng: np.random.Generator) -> None:
    """Scatters discs, triangles and bars, as many round as pointed ones on average."""
    triangle = [(0.0, -1.1), (1.0, 0.8), (-1.0, 0.8)]
    bar = [(-1.6, -0.2), (1.6, -0.2), (1.6, 0.2), (-1.6, 0.2)]
    for _ in range(pieces):
        form = (oval(0.0, 0.0, 1.0, 1.0), triangle, bar)[int(rng.integers(3))]
        centre = (float(rng.uniform(0, side)), float(rng.uniform(0, side)))
        points = turned(
            form, float(rng.uniform(0, 2 * np.pi)), centre, side * float(rng.uniform(0.015, 0.07))
        )
        brush.polygon(points, fill=colour(rng, (0.2, 0.9), (0.3, 1.0)))


def add_noise(picture: Image.Image, strength: float, rng: np.random.Generator) -> Image.Image:
    """Grain as of a small camera; strength in [0, 1]."""
    width, height = picture.size
    grain = Image.frombytes("L", picture.size, rng.bytes(width * height)).convert("RGB")
    return Image.blend(picture, grain, strength)
