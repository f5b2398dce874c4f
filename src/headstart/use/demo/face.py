"""A face with two ears: round ones make a bear, pointed ones a cat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import ImageDraw

from headstart.use.demo.scene import Colour, Point, colour, oval, shade, turned

Put = Callable[[list[Point], Colour], None]
"""Fills an outline, given in the face's own units, with a colour."""


@dataclass(frozen=True)
class Face:
    """Where a face is and what it looks like.

    Attributes:
        centre: Middle of the head, in pixels.
        size: Half the head's height, in pixels.
        tilt: Radians by which it is turned.
        wide: The head's width over its height.
        pointedness: Exponent of the ear's outline: 0.5 is round, 1 a triangle, above it hollow-sided.
        ear: Size of an ear, as a share of the head's half height.
        apart: Angle of an ear from the top of the head, in radians.
        fur: Colour of head and ears.
        inner: Colour of the inner ear, the muzzle and the like.
    """

    centre: Point
    size: float
    tilt: float
    wide: float
    pointedness: float
    ear: float
    apart: float
    fur: Colour
    inner: Colour

    @staticmethod
    def at_random(side: int, pointedness: tuple[float, float], rng: np.random.Generator) -> Face:
        """A face in a picture of `side` pixels; only the ears depend on the class."""
        fur = colour(rng, (0.1, 0.7), (0.25, 1.0))
        return Face(
            centre=(side * float(rng.uniform(0.38, 0.62)), side * float(rng.uniform(0.45, 0.62))),
            size=side * float(rng.uniform(0.17, 0.29)),
            tilt=float(rng.normal(0.0, 0.2)),
            wide=float(rng.uniform(0.95, 1.3)),
            pointedness=float(rng.uniform(*pointedness)),
            ear=float(rng.uniform(0.42, 0.62)),
            apart=float(rng.uniform(0.55, 0.8)),
            fur=fur,
            inner=shade(fur, float(rng.uniform(0.55, 1.5))),
        )


def paint_face(brush: ImageDraw.ImageDraw, face: Face, rng: np.random.Generator) -> None:
    """Paints a face: ears behind the head, then eyes, muzzle, nose and mouth."""

    def put(points: list[Point], fill: Colour) -> None:
        brush.polygon(turned(points, face.tilt, face.centre, face.size), fill=fill)

    for side in (-1.0, 1.0):
        put(_ear(face, side, 1.0), face.fur)
        put(_ear(face, side, 0.6), face.inner)
    put(oval(0.0, 0.0, face.wide, 1.0), face.fur)
    _paint_features(brush, face, put, rng)


def _ear(face: Face, side: float, share: float) -> list[Point]:
    """The outline of an ear: half its width at height t is (1 - t) to the power of its pointedness.

    The area beneath that curve is 1 / (1 + pointedness), so the height makes up for it: round and
    pointed ears cover as many pixels.
    """
    p = face.pointedness
    half = 0.8 * face.ear * share
    height = 0.78 * face.ear * (1.0 + p) * share
    t = np.linspace(0.0, 1.0, 14)
    profile = half * (1.0 - t) ** p
    xs = np.concatenate([-profile, profile[::-1]])
    ys = -np.concatenate([t, t[::-1]]) * height - 0.88
    # Turned away from the top of the head, along its outline.
    cos, sin = np.cos(side * face.apart), np.sin(side * face.apart)
    return [
        (float((cos * x - sin * y) * face.wide), float(sin * x + cos * y))
        for x, y in zip(xs, ys, strict=True)
    ]


def _paint_features(brush: ImageDraw.ImageDraw, face: Face, put: Put, rng: np.random.Generator) -> None:
    dark = shade(face.fur, 0.2)
    eye_x, eye_y = face.wide * float(rng.uniform(0.3, 0.45)), float(rng.uniform(-0.3, -0.1))
    eye = float(rng.uniform(0.09, 0.17))
    for side in (-1.0, 1.0):
        put(oval(side * eye_x, eye_y, eye, eye * float(rng.uniform(1.0, 1.4))), dark)
        put(oval(side * eye_x + 0.3 * eye, eye_y - 0.3 * eye, 0.3 * eye, 0.3 * eye), (250, 250, 250))
    muzzle = float(rng.uniform(0.3, 0.45))
    put(oval(0.0, 0.38, muzzle * 1.15, muzzle), face.inner)
    nose = float(rng.uniform(0.09, 0.15))
    put(oval(0.0, 0.22, nose * 1.2, nose), dark)
    width = max(2, int(face.size * 0.035))

    def stroke(points: list[Point]) -> None:
        brush.line(turned(points, face.tilt, face.centre, face.size), fill=dark, width=width, joint="curve")

    smile = float(rng.uniform(0.1, 0.22))
    stroke([(0.0, 0.22), (0.0, 0.45)])
    for side in (-1.0, 1.0):
        stroke([(0.0, 0.45), (side * smile * 0.5, 0.52), (side * smile, 0.47)])
    if rng.random() < 0.5:
        for side in (-1.0, 1.0):
            for tip in (0.22, 0.36, 0.5):
                stroke([(side * 0.4, 0.36), (side * 0.95 * face.wide, tip)])
