from __future__ import annotations

import csv
import io
import itertools
import struct
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from picture_files import encoded, noise
from PIL import Image, ImageCms, ImageFile, features

from headstart.core import hashing
from headstart.pictures import Recipe, Unreadable, decode, read

SIZE = (12, 10)
AS_IS = Recipe(*SIZE, "bilinear")


def pixels(data: bytes, recipe: Recipe = AS_IS) -> NDArray[np.int64]:
    return decode(data, recipe).pixels.astype(np.int64)


def array(picture: Image.Image) -> NDArray[np.int64]:
    return np.asarray(picture.convert("RGB")).astype(np.int64)


# What comes back


def test_result() -> None:
    data = encoded(noise())
    found = decode(data, Recipe(7, 5, "bicubic"))
    assert found.pixels.shape == (5, 7, 3)
    assert found.pixels.dtype == np.uint8
    assert found.content == hashing.of_bytes(data)
    assert len(found.fingerprint) == 256


@pytest.mark.parametrize("form", ["PNG", "BMP", "TIFF", "WEBP", "AVIF"])
def test_lossless_formats_are_exact(form: str) -> None:
    if form == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow was built without AVIF")
    options = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100, "subsampling": "4:4:4"}}.get(form, {})
    away = abs(pixels(encoded(noise(), form, **options)) - array(noise()))
    assert away.max() <= (3 if form == "AVIF" else 0)


def test_jpeg_is_near() -> None:
    smooth = noise().resize((48, 40), Image.Resampling.BICUBIC)
    away = abs(
        pixels(encoded(smooth, "JPEG", quality=95, subsampling=0), Recipe(48, 40, "bilinear")) - array(smooth)
    )
    assert away.mean() < 4


def test_several_pictures_in_one_jpeg() -> None:
    data = encoded(noise(1, 32, 32), "MPO", save_all=True, append_images=[noise(2, 32, 32)], quality=95)
    away = abs(pixels(data, Recipe(32, 32, "bilinear")) - array(Image.open(io.BytesIO(data))))
    assert away.max() == 0


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(noise(), "PNG"))
    assert (read(path, AS_IS).pixels == array(noise())).all()


# Orientation


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(form: str, orientation: int) -> None:
    upright = Image.new("RGB", (32, 16))
    for place, colour in enumerate(["red", "green", "blue", "white"]):
        upright.paste(colour, (place % 2 * 16, place // 2 * 8, place % 2 * 16 + 16, place // 2 * 8 + 8))
    # What a camera stores is the upright picture turned by the opposite of what EXIF asks for.
    inverse = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_90"}
    inverse |= {7: "TRANSVERSE", 8: "ROTATE_270"}
    stored = upright
    if orientation in inverse:
        stored = upright.transpose(Image.Transpose[inverse[orientation]])
    exif = Image.Exif()
    exif[0x0112] = orientation
    exact = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(form, {})
    found = pixels(encoded(stored, form, exif=exif.tobytes(), **exact), Recipe(32, 16, "bilinear"))
    assert abs(found - array(upright)).max() <= (4 if form == "JPEG" else 0)


def test_orientation_beside_draft() -> None:
    wide = noise().resize((640, 320))
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(wide.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif.tobytes())
    wanted = array(wide.resize((40, 20), Image.Resampling.BILINEAR))
    assert abs(pixels(data, Recipe(40, 20, "bilinear")) - wanted).mean() < 3


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0"])
def test_a_damaged_exif_block_does_no_harm(exif: bytes) -> None:
    assert pixels(encoded(noise(), "JPEG", exif=exif)).shape == (10, 12, 3)


# Modes


def test_grey_and_bits() -> None:
    ramp = Image.fromarray(np.linspace(0, 255, 120).astype(np.uint8).reshape(10, 12))
    assert (pixels(encoded(ramp)) == array(ramp)).all()
    bits = ramp.convert("1")
    assert (pixels(encoded(bits)) == array(bits)).all()


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_alpha_lies_over_white(form: str) -> None:
    values = np.random.default_rng(0).integers(0, 256, (10, 12, 4), np.uint8)
    data = encoded(
        Image.fromarray(values, "RGBA"), form, **({"lossless": True, "exact": True} if form == "WEBP" else {})
    )
    share = values[..., 3:] / 255
    wanted = values[..., :3] * share + 255 * (1 - share)
    assert abs(pixels(data) - wanted).max() <= 1


def test_grey_with_alpha_lies_over_white() -> None:
    values = np.random.default_rng(0).integers(0, 256, (10, 12, 2), np.uint8)
    share = values[..., 1:] / 255
    wanted = np.repeat(values[..., :1] * share + 255 * (1 - share), 3, axis=2)
    assert abs(pixels(encoded(Image.fromarray(values, "LA"))) - wanted).max() <= 1


def test_palette() -> None:
    picture = noise().quantize(16)
    assert (pixels(encoded(picture)) == array(picture)).all()


def test_palette_with_transparency_lies_over_white() -> None:
    picture = noise().quantize(4)
    indices = np.asarray(picture)
    wanted = array(picture)
    wanted[indices == 2] = 255
    assert (pixels(encoded(picture, transparency=2)) == wanted).all()
    half = bytes([255, 128, 255, 0])
    found = pixels(encoded(picture, transparency=half))
    wanted = array(picture)
    wanted[indices == 3] = 255
    wanted[indices == 1] = np.rint((wanted[indices == 1] * 128 + 255 * 127) / 255)
    assert abs(found - wanted).max() <= 1


def test_transparent_colour_lies_over_white() -> None:
    picture = Image.new("RGB", SIZE, (10, 20, 30))
    picture.paste((200, 0, 0), (0, 0, 6, 10))
    wanted = array(picture)
    wanted[:, 6:] = 255
    assert (pixels(encoded(picture, transparency=(10, 20, 30))) == wanted).all()
    grey = picture.convert("L")
    key = grey.getpixel((11, 0))
    wanted = array(grey)
    wanted[:, 6:] = 255
    assert (pixels(encoded(grey, transparency=key)) == wanted).all()


def test_gif_first_frame_and_transparency() -> None:
    first, second = noise(1).quantize(8), noise(2).quantize(8)
    data = encoded(first, "GIF", save_all=True, append_images=[second])
    assert (pixels(data) == array(first)).all()
    indices = np.asarray(first)
    wanted = array(first)
    wanted[indices == 5] = 255
    assert (pixels(encoded(first, "GIF", transparency=5)) == wanted).all()


def test_animation_gives_its_first_frame() -> None:
    frames = [noise(seed) for seed in range(3)]
    for form, options in (("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
        data = encoded(frames[0], form, save_all=True, append_images=frames[1:], **options)
        assert (pixels(data) == array(frames[0])).all(), form


def test_cmyk() -> None:
    values = np.random.default_rng(0).integers(0, 256, (10, 12, 4), np.uint8).astype(np.int64)
    picture = Image.fromarray(values.astype(np.uint8), "CMYK")
    wanted = (255 - values[..., :3]) * (255 - values[..., 3:]) / 255
    assert abs(pixels(encoded(picture, "TIFF")) - wanted).max() <= 1
    solid = Image.new("CMYK", SIZE, (255, 0, 255, 0))
    green = pixels(encoded(solid, "JPEG", quality=95))
    assert abs(green - np.array([0, 255, 0])).max() <= 4


def test_lab() -> None:
    colours = Image.new("RGB", SIZE, (200, 30, 60))
    colours.paste((20, 160, 90), (0, 0, 6, 10))
    there = ImageCms.buildTransform(
        ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
    )
    lab = ImageCms.applyTransform(colours, there)
    assert lab is not None
    assert abs(pixels(encoded(lab, "TIFF")) - array(colours)).max() <= 4


def test_ycbcr() -> None:
    smooth = noise().resize((3, 2)).resize(SIZE).convert("YCbCr")
    assert abs(pixels(encoded(smooth, "TIFF")) - array(smooth)).max() <= 4


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(form: str) -> None:
    values = np.linspace(0, 65535, 120).astype(np.uint16).reshape(10, 12)
    wanted = np.rint(values / 257)[..., None]
    assert abs(pixels(encoded(Image.fromarray(values), form)) - wanted).max() <= 0


def test_big_endian_sixteen_bits() -> None:
    values = np.linspace(0, 65535, 120).astype(">u2").reshape(10, 12)
    picture = Image.frombytes("I;16B", SIZE, values.tobytes())
    assert (pixels(encoded(picture, "TIFF")) == np.rint(values / 257)[..., None]).all()


@pytest.mark.parametrize("bits", [8, 12])
def test_fewer_bits_in_sixteen(bits: int) -> None:
    top = 2**bits - 1
    values = np.linspace(0, top, 120).astype(np.uint16).reshape(10, 12)
    assert (pixels(encoded(Image.fromarray(values))) == np.rint(values / top * 255)[..., None]).all()


def test_transparent_value_of_sixteen_bits() -> None:
    # Pillow does not write this one, so the chunk is put in by hand.
    values = np.full((10, 12), 40_000, np.uint16)
    values[:, 6:] = 1_000
    data = encoded(Image.fromarray(values))
    body = b"tRNS" + struct.pack(">H", 1_000)
    chunk = struct.pack(">I", 2) + body + struct.pack(">I", zlib.crc32(body))
    cut = data.index(b"IDAT") - 4
    found = pixels(data[:cut] + chunk + data[cut:])
    assert (found[:, :6] == round(40_000 / 257)).all()
    assert (found[:, 6:] == 255).all()


def test_thirty_two_bits_and_negatives_are_stretched() -> None:
    values = np.linspace(-1000, 3000, 120).astype(np.int32).reshape(10, 12)
    found = pixels(encoded(Image.fromarray(values), "TIFF"))
    assert abs(found - ((values + 1000) * 255 / 4000)[..., None]).max() <= 1


@pytest.mark.parametrize(
    ("low", "high", "bottom", "top"),
    [
        (0.0, 1.0, 0.0, 1.0),
        (0.2, 0.7, 0.0, 1.0),
        (-0.01, 1.01, 0.0, 1.0),
        (-0.8, 0.9, -1.0, 1.0),
        (3.0, 250.0, 0.0, 255.0),
        (0.0, 900.0, 0.0, 4_095.0),
        (0.0, 60_000.0, 0.0, 65_535.0),
        (-40.0, 80.0, -40.0, 80.0),
        (-3e38, 3e38, -3e38, 3e38),
    ],
)
def test_floats_are_scaled_by_their_range(low: float, high: float, bottom: float, top: float) -> None:
    values = np.linspace(low, high, 120).astype(np.float32).reshape(10, 12)
    share = np.clip((values.astype(np.float64) - bottom) / (top - bottom), 0, 1)
    assert abs(pixels(encoded(Image.fromarray(values), "TIFF")) - 255 * share[..., None]).max() <= 0.51


def test_floats_that_are_none() -> None:
    values = np.full((10, 12), 0.5, np.float32)
    values[0, 0], values[0, 1], values[0, 2] = np.nan, np.inf, -np.inf
    found = pixels(encoded(Image.fromarray(values), "TIFF"))[..., 0]
    assert found[0, :4].tolist() == [0, 255, 0, 128]
    with pytest.raises(Unreadable, match="no finite value"):
        decode(encoded(Image.fromarray(np.full((4, 4), np.nan, np.float32)), "TIFF"), AS_IS)


# Size


def test_whole_picture_is_squeezed() -> None:
    picture = Image.new("RGB", (300, 100), "white")
    picture.paste("red", (0, 0, 150, 100))
    found = pixels(encoded(picture), Recipe(20, 20, "bilinear"))
    assert (found[:, :9] == [255, 0, 0]).all()
    assert (found[:, 11:] == 255).all()


@pytest.mark.parametrize("name", ["bilinear", "bicubic", "lanczos", "nearest"])
def test_shrinking_is_anti_aliased(name: str) -> None:
    board = np.indices((256, 256)).sum(axis=0) % 2 * 255
    found = pixels(encoded(Image.fromarray(board.astype(np.uint8))), Recipe(32, 32, name))
    assert abs(found - 127.5).max() <= 4


@pytest.mark.parametrize("name", ["bilinear", "bicubic", "lanczos"])
def test_filters_are_pillows(name: str) -> None:
    picture = noise(0, 90, 70)
    wanted = array(picture.resize((32, 24), Image.Resampling[name.upper()]))
    assert (pixels(encoded(picture), Recipe(32, 24, name)) == wanted).all()


def test_nearest_enlarges_by_repeating() -> None:
    found = pixels(encoded(noise(0, 3, 2)), Recipe(9, 6, "nearest"))
    assert (found == array(noise(0, 3, 2)).repeat(3, axis=0).repeat(3, axis=1)).all()


def test_unknown_interpolation() -> None:
    with pytest.raises(ValueError, match="bicubic"):
        decode(encoded(noise()), Recipe(8, 8, "cubic"))


def test_large_jpeg_is_decoded_small_but_not_below_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[tuple[int, int]] = []
    real = ImageFile.ImageFile.load

    def spy(self: ImageFile.ImageFile) -> object:
        result = real(self)
        sizes.append(self.size)
        return result

    monkeypatch.setattr(ImageFile.ImageFile, "load", spy)
    picture = noise().resize((1200, 800), Image.Resampling.BICUBIC)
    found = pixels(encoded(picture, "JPEG", quality=95), Recipe(64, 64, "bilinear"))
    assert sizes[-1] == (150, 100) or min(sizes[-1]) >= 128
    assert all(width >= 128 and height >= 128 for width, height in sizes[-1:])
    assert abs(found - array(picture.resize((64, 64), Image.Resampling.BILINEAR))).mean() < 3


# What is refused


def refusal(data: bytes, recipe: Recipe = AS_IS, **options: int) -> str:
    with pytest.raises(Unreadable) as caught:
        decode(data, recipe, **options)
    reason = caught.value.reason
    assert reason
    assert len(reason) < 160
    assert "\n" not in reason
    assert "Traceback" not in reason
    assert "<_io" not in reason
    return reason


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty file"),
        (bytes(5000), "nothing but zero bytes"),
        (b"just some words", "text"),
        (b"<!DOCTYPE html><html>404</html>", "a web page"),
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04" + bytes(30), "a ZIP archive"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS"),
        (b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X", "AppleDouble"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIF"),
        (b'<?xml version="1.0"?><svg/>', "SVG"),
        (b"8BPS\0\x01", "Photoshop"),
        (b"P6\n3 2\n255\n", "Netpbm"),
        (b"\x13\x37\xfe\xfd" * 9, "no known format"),
    ],
)
def test_what_is_no_picture_is_described(data: bytes, said: str) -> None:
    assert said in refusal(data)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "BMP", "TIFF", "GIF", "WEBP"])
def test_cut_off_files_are_refused(form: str) -> None:
    data = encoded(noise(0, 64, 64), form)
    refusal(data[: len(data) * 6 // 10])


def test_cut_off_is_refused_beside_draft() -> None:
    data = encoded(noise().resize((1600, 1600)), "JPEG", quality=95)
    assert refusal(data[:-2000], Recipe(32, 32, "bilinear")) == "JPEG file is cut off"


def test_tolerance_set_by_others_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    data = encoded(noise(0, 64, 64), "JPEG")
    assert refusal(data[:-100]) == "JPEG file is cut off"
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_too_many_pixels_is_told_by_the_header() -> None:
    data = encoded(noise(0, 40, 30))
    assert refusal(data, max_pixels=1199) == "too many pixels: 40 x 30, over the limit of 1,199"
    assert decode(data, AS_IS, max_pixels=1200).pixels.shape == (10, 12, 3)


def huge_png(width: int, height: int, *chunks: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rest = b"".join(chunks) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + rest


def test_bombs_are_refused() -> None:
    assert "too many pixels: 10,000 x 10,000" in refusal(huge_png(10_000, 10_000))
    assert "too many pixels: 10,000,000,000" in refusal(huge_png(100_000, 100_000))
    body = b"zTXt" + b"key\0\0" + zlib.compress(bytes(80_000_000))
    text = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    assert "bomb" in refusal(huge_png(8, 8, text))


def test_read_names_what_is_wrong_with_the_file(tmp_path: Path) -> None:
    def why(path: Path) -> str:
        with pytest.raises(Unreadable) as caught:
            read(path, AS_IS)
        return caught.value.reason

    assert why(tmp_path / "gone.jpg") == "no such file"
    assert "cannot be read" in why(tmp_path)
    raw = tmp_path / "photo.CR2"
    raw.write_bytes(b"\x01\x02\x03\x04" * 20)
    assert why(raw).startswith("a camera's raw file, a format that is not read here")


SOUND = {form: encoded(noise(0, 24, 20), form) for form in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP")}


@settings(max_examples=150, deadline=None)
@given(
    form=st.sampled_from(sorted(SOUND)),
    changes=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6),
    end=st.integers(1, 10_000),
)
def test_damage_gives_pixels_or_a_reason(form: str, changes: list[tuple[int, int]], end: int) -> None:
    damaged = bytearray(SOUND[form])
    for place, value in changes:
        damaged[place % len(damaged)] = value
    try:
        found = decode(bytes(damaged[:end]), AS_IS)
    except Unreadable as error:
        assert error.reason != ""  # noqa: PT017 - either outcome is right
    else:
        assert found.pixels.shape == (10, 12, 3)


# Threads


def test_many_threads_leak_no_warning_and_restore_the_filters() -> None:
    # EXIF whose directory promises more entries than there are: Pillow warns and goes on.
    exif = b"Exif\0\0II*\0\x08\0\0\0\x09\0" + struct.pack("<HHII", 0x010F, 2, 400, 26)
    warned = encoded(noise(), "JPEG", exif=exif)
    with pytest.warns(UserWarning, match="EXIF|Tag|data"), Image.open(io.BytesIO(warned)) as picture:
        picture.getexif().get(0x0112)
    data = [warned, *SOUND.values(), SOUND["JPEG"][:50]]
    before = list(warnings.filters)
    barrier = threading.Barrier(4)

    def work(turn: int) -> int:
        if turn < 4:
            barrier.wait(timeout=30)
        done = 0
        for one in itertools.islice(itertools.cycle(data), turn % 7, turn % 7 + 60):
            try:
                decode(one, AS_IS)
                done += 1
            except Unreadable:
                pass
        return done

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(work, range(12))) > 0
        assert [str(one.message) for one in caught] == []
    assert list(warnings.filters) == before


def test_filters_are_restored_after_a_refusal() -> None:
    before = list(warnings.filters)
    refusal(SOUND["JPEG"][:60])
    assert list(warnings.filters) == before


def test_same_pixels_from_every_thread() -> None:
    data = encoded(noise(3, 400, 300), "JPEG")
    recipe = Recipe(64, 64, "bicubic")
    wanted = decode(data, recipe).pixels
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: decode(data, recipe).pixels, range(40)):
            assert (found == wanted).all()


# Real files


@pytest.mark.shared
def test_every_fate_of_the_malformed_set(shared: Path) -> None:
    folder = shared / "data" / "malformed"
    recipe = Recipe(224, 224, "bicubic")
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 80
    wrong, shown = [], set()
    for row in rows:
        try:
            found = read(folder / row["file"], recipe)
        except Unreadable as error:
            fate, said = "no", error.reason
        else:
            fate, said = "yes", ""
            assert found.content == row["sha256"]
        if row["file"] == "hopper.avif" and not features.check("avif"):
            continue
        shown.add(said)
        if fate != row["readable"]:
            wrong.append((row["file"], row["readable"], said))
    assert wrong == []
    assert len(shown) > 10  # reasons tell the files apart
