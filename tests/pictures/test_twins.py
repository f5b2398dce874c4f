from __future__ import annotations

import io

import numpy as np
import pytest
from numpy.typing import NDArray
from picture_files import encoded
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from headstart.pictures import Decoded, Recipe, TwinPair, decode, find_twins
from headstart.pictures.alignment import aligned
from headstart.pictures.chains import connected, cut
from headstart.pictures.fingerprint import flat, grids, patterns

RECIPE = Recipe(64, 64, "bicubic")


def scene(seed: int) -> Image.Image:
    """A picture of its own: soft shapes of random colours, with detail on top."""
    chance = np.random.default_rng(seed)
    coarse = Image.fromarray(chance.integers(0, 256, (5, 6, 3), np.uint8)).resize(
        (192, 160), Image.Resampling.BICUBIC
    )
    fine = Image.fromarray(chance.integers(0, 256, (40, 48, 3), np.uint8)).resize(
        (192, 160), Image.Resampling.BICUBIC
    )
    return Image.blend(coarse, fine, 0.25).filter(ImageFilter.GaussianBlur(1))


def toy_features(pictures: list[Decoded]) -> NDArray[np.float32]:
    """Stands in for a network: colours and their spread in a 4 by 4 raster, mirror images alike."""
    rows = []
    for picture in pictures:
        tiles = picture.pixels.astype(np.float32).reshape(4, 16, 4, 16, 3)
        mean, spread = tiles.mean(axis=(1, 3)), tiles.std(axis=(1, 3))
        both = [(part + part[:, ::-1]).ravel() for part in (mean, spread)]
        rows.append(np.concatenate(both))
    return np.array(rows, dtype=np.float32)


def twins_of(files: list[bytes]) -> tuple[TwinPair, ...]:
    pictures = [decode(data, RECIPE) for data in files]
    return find_twins(
        [one.content for one in pictures], [one.fingerprint for one in pictures], toy_features(pictures)
    )


def pairs_of(twins: tuple[TwinPair, ...]) -> set[tuple[int, int]]:
    return {(twin.first, twin.second) for twin in twins}


SCENES = [encoded(scene(seed)) for seed in range(60)]


def test_strangers_are_no_twins() -> None:
    assert twins_of(SCENES) == ()


def changed(kind: str, picture: Image.Image) -> bytes:
    if kind == "mirror":
        return encoded(ImageOps.mirror(picture))
    if kind == "half":
        return encoded(picture.resize((96, 80), Image.Resampling.LANCZOS), "JPEG")
    if kind == "brighter":
        return encoded(ImageEnhance.Brightness(picture).enhance(1.1))
    if kind == "crop":
        return encoded(picture.crop((10, 6, 182, 150)))
    if kind == "mirrored crop":
        return encoded(ImageOps.mirror(picture.crop((4, 4, 180, 152))), "JPEG")
    return encoded(picture, "JPEG", quality=int(kind))


@pytest.mark.parametrize("kind", ["95", "50", "30", "half", "brighter", "mirror", "crop", "mirrored crop"])
def test_near_identical_pictures_are_found(kind: str) -> None:
    made = [changed(kind, scene(seed)) for seed in range(8)]
    found = twins_of(SCENES + made)
    assert pairs_of(found) == {(seed, 60 + seed) for seed in range(8)}
    assert {twin.kind for twin in found} == {"near-identical"}
    assert all(0.3 < twin.similarity <= 1.0 for twin in found)


def test_identical_pictures_are_found() -> None:
    with Image.open(io.BytesIO(SCENES[3])) as picture:
        as_bmp = encoded(picture, "BMP")
    found = twins_of([*SCENES, SCENES[5], as_bmp, SCENES[5]])
    assert [(twin.first, twin.second, twin.kind) for twin in found] == [
        (3, 61, "identical"),
        (5, 60, "identical"),
        (5, 62, "identical"),
    ]
    assert all(twin.similarity == 1.0 for twin in found)


def test_a_near_twin_of_several_copies_is_joined_to_them() -> None:
    jpeg = changed("50", scene(5))
    found = twins_of([*SCENES, SCENES[5], jpeg, jpeg])
    groups = connected(63, np.array(sorted(pairs_of(found))))
    assert set(groups[[5, 60, 61, 62]].tolist()) == {5}
    assert len(found) == 3


def test_many_copies_do_not_hide_each_other() -> None:
    found = twins_of(SCENES[:20] + [SCENES[4]] * 100)
    assert pairs_of(found) == {(4, 20 + index) for index in range(100)}


def test_pictures_that_merely_look_alike_are_not_chained() -> None:
    # One scene throughout, with a small mark in a place of its own: alike to the eye, and all different.
    files = []
    for seed in range(80):
        chance = np.random.default_rng(1000 + seed)
        picture = ImageEnhance.Brightness(scene(0)).enhance(chance.uniform(0.9, 1.1))
        for _ in range(4):
            x, y = chance.integers(0, 150), chance.integers(0, 120)
            picture.paste(tuple(chance.integers(0, 256, 3).tolist()), (x, y, x + 40, y + 30))
        files.append(encoded(picture, "JPEG"))
    assert len(twins_of(files)) <= 2


def test_pictures_of_one_colour_are_no_twins_of_each_other() -> None:
    plain = [encoded(Image.new("RGB", (64, 64), (3 * seed, 255 - 3 * seed, 90))) for seed in range(30)]
    assert twins_of(SCENES[:30] + plain) == ()
    assert pairs_of(twins_of([*SCENES[:30], *plain, plain[3]])) == {(33, 60)}


def test_features_of_two_dimensions() -> None:
    pictures = [decode(data, RECIPE) for data in SCENES]
    points = np.random.default_rng(0).standard_normal((60, 2)).astype(np.float32)
    marks = [one.fingerprint for one in pictures]
    assert find_twins([one.content for one in pictures], marks, points) == ()


@pytest.mark.parametrize("count", [0, 1, 2, 5, 9])
def test_few_pictures(count: int) -> None:
    assert twins_of(SCENES[:count] or []) == () if count else True
    if count:
        assert pairs_of(twins_of([*SCENES[:count], SCENES[0]])) == {(0, count)}


def test_nothing_at_all() -> None:
    assert find_twins([], [], np.empty((0, 4), np.float32)) == ()


def test_constant_features_do_not_fail() -> None:
    pictures = [decode(data, RECIPE) for data in SCENES]
    same = np.ones((60, 8), np.float32)
    assert find_twins([one.content for one in pictures], [one.fingerprint for one in pictures], same) == ()


# Parts


def test_fingerprint_is_the_picture_in_small() -> None:
    values = np.repeat(np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16), 4, axis=0), 4, axis=1)
    found = decode(encoded(Image.fromarray(values)), RECIPE)
    assert (grids([found.fingerprint])[0] == np.arange(256).reshape(16, 16)).all()


def test_patterns_leave_brightness_and_contrast_aside() -> None:
    small = np.random.default_rng(0).uniform(0, 100, (1, 16, 16)).astype(np.float32)
    assert np.allclose(patterns(small), patterns(small * 2 + 30), atol=1e-6)
    assert flat(np.full((1, 16, 16), 7, np.float32)).tolist() == [True]
    assert flat(small).tolist() == [False]
    assert np.isfinite(patterns(np.zeros((1, 16, 16), np.float32))).all()


def test_alignment() -> None:
    def small(picture: Image.Image) -> NDArray[np.float32]:
        return grids([decode(encoded(picture), RECIPE).fingerprint])

    whole, part, stranger = scene(1), scene(1).crop((20, 10, 180, 140)), scene(2)
    assert aligned(small(whole), small(part))[0] > 0.95
    assert aligned(small(part), small(whole))[0] > 0.95
    assert aligned(small(ImageOps.mirror(whole)), small(part))[0] > 0.95
    assert aligned(small(whole), small(stranger))[0] < 0.8
    assert aligned(np.empty((0, 16, 16), np.float32), np.empty((0, 16, 16), np.float32)).shape == (0,)


def test_chains_are_cut() -> None:
    chain = np.array([(index, index + 1) for index in range(9)])
    strength = np.arange(9, dtype=np.float32)

    def near(pairs: NDArray[np.int64]) -> bool:
        return bool((abs(pairs[:, 0] - pairs[:, 1]) <= 2).all())

    kept = cut(chain, strength, 100, near)
    groups = connected(10, chain[kept])
    for group in set(groups.tolist()):
        members = np.flatnonzero(groups == group)
        assert members.max() - members.min() <= 2
    assert kept.sum() >= 6


def test_no_group_takes_all() -> None:
    every = np.array([(a, b) for a in range(30) for b in range(a + 1, 30)])
    kept = cut(every, np.zeros(len(every), np.float32), 8, lambda _: True)
    assert np.bincount(connected(30, every[kept])).max() <= 8
