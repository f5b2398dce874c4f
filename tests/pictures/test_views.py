"""Views of a picture: always the same for the same file, never out of it, different from each other."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headstart.pictures import Recipe, decode
from headstart.pictures.views import LEAST_AREA, view_of


@given(st.text(st.characters(codec="ascii"), max_size=64), st.integers(1, 64))
def test_a_view_lies_within_its_picture(content: str, number: int) -> None:
    view = view_of(content, number)
    assert view == view_of(content, number)
    left, top, right, bottom = view.box((640, 480))
    assert 0 <= left < right <= 640.001
    assert 0 <= top < bottom <= 480.001
    assert view.width * view.height >= 0.85 * LEAST_AREA
    assert all(0.5 < factor < 1.5 for factor in view.light)


def picture(mode: str = "RGB") -> bytes:
    draw = np.random.default_rng(0)
    noise = Image.fromarray(draw.integers(0, 255, (12, 16, 3), np.uint8)).resize((160, 120))
    file = io.BytesIO()
    noise.convert(mode).save(file, "PNG")
    return file.getvalue()


def test_the_same_file_gives_the_same_views_and_they_differ() -> None:
    data = picture()
    views = [decode(data, Recipe(32, 32, "bilinear", view=number)).pixels for number in range(6)]
    again = [decode(data, Recipe(32, 32, "bilinear", view=number)).pixels for number in range(6)]
    for at, one in enumerate(views):
        np.testing.assert_array_equal(one, again[at])
        assert one.shape == (32, 32, 3)
        assert all(np.abs(one.astype(int) - other.astype(int)).mean() > 2 for other in views[:at])


def test_a_view_still_shows_its_picture() -> None:
    data = picture()
    plain = decode(data, Recipe(32, 32, "bilinear")).pixels.astype(float)
    for number in range(1, 9):
        seen = decode(data, Recipe(32, 32, "bilinear", view=number)).pixels.astype(float)
        if view_of(decode(data, Recipe(32, 32, "bilinear")).content, number).mirrored:
            seen = seen[:, ::-1]
        assert np.corrcoef(plain.ravel(), seen.ravel())[0, 1] > 0.3


def test_grey_pictures_have_views_too() -> None:
    pixels = decode(picture("L"), Recipe(32, 32, "bilinear", view=3)).pixels
    assert (pixels[..., 0] == pixels[..., 2]).all()
