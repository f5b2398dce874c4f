"""Several hundred pictures of bears and cats: the same faces, told apart by their ears alone.

Fur, background, size, place, tilt, clutter, blur and noise come from the same distributions for both,
so that a mean colour tells nothing; what tells is shape, and that a backbone must see.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from headstart.use.demo.face import Face, paint_face
from headstart.use.demo.scene import add_noise, clouds, confetti

SIDE = 256
"""Pixels of a picture's side."""
LARGER = 2
"""Drawn so many times larger and then reduced, for smooth edges."""
QUALITY = 88
CLASSES = ("bear", "cat")
POINTEDNESS = {"bear": (0.25, 0.55), "cat": (0.85, 1.3)}
"""How pointed the ears of each may be; 0.5 is round, 1 is a triangle."""


def draw(folder: Path, *, pictures: int = 400, seed: int = 0) -> None:
    """Writes JPEG files of 256 pixels a side into two class folders, 'bear' and 'cat'.

    Args:
        folder: Where the class folders go; made where it is missing.
        pictures: How many in all; the classes get the same number, or bears one more.
        seed: The same seed gives the same pictures; picture i does not depend on how many follow.

    Raises:
        OSError: If the folder cannot be written.
    """
    for name in CLASSES:
        (folder / name).mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        # list() lets the first error of any thread come out.
        list(pool.map(lambda index: _write(folder, index, seed), range(pictures)))


def _write(folder: Path, index: int, seed: int) -> None:
    name = CLASSES[index % len(CLASSES)]
    picture = paint(name, np.random.default_rng([seed, index]))
    picture.save(folder / name / f"{name}_{index // len(CLASSES):04d}.jpg", quality=QUALITY)


def paint(name: str, rng: np.random.Generator) -> Image.Image:
    """One picture of a class, in RGB."""
    side = SIDE * LARGER
    canvas = clouds(side, rng)
    brush = ImageDraw.Draw(canvas)
    confetti(brush, side, int(rng.integers(3, 9)), rng)
    paint_face(brush, Face.at_random(side, POINTEDNESS[name], rng), rng)
    # Some of the clutter lies before the face, and may hide an ear.
    confetti(brush, side, int(rng.integers(0, 4)), rng)
    small = canvas.reduce(LARGER)
    if rng.random() < 0.3:
        small = small.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 1.5))))
    return add_noise(small, float(rng.uniform(0.0, 0.1)), rng)
