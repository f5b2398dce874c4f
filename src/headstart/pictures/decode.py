"""A file's bytes become pixels: the one way, in training, prediction and export alike."""

from __future__ import annotations

import errno
import io
import re
import struct
from pathlib import Path

import numpy as np

# Imported by name, so that each format is known to Pillow before threads start to open files. MPO
# (several JPEGs in one, which phones write) is opened by the JPEG plugin, which hands over to it.
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from headstart.core import hashing
from headstart.pictures.convert import to_eight_bits
from headstart.pictures.fingerprint import fingerprint
from headstart.pictures.kinds import HEAD_BYTES, OTHER_SUFFIXES, describe_head, foreign_format, sniff
from headstart.pictures.pillow import strict_pillow
from headstart.pictures.records import Decoded, Recipe
from headstart.pictures.views import view_of

MAX_PIXELS = 89_478_485
"""Pixels that a picture may have: Pillow's own limit, a quarter of a gibibyte in RGB."""

PLUGINS = (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

_ORIENTATION = 0x0112
_FOREIGN = "{}, a format that is not read here; convert it to JPEG or PNG"
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_FILTERS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    # Pillow's NEAREST drops pixels when it shrinks. BOX is the same when it enlarges, and averages
    # when it shrinks.
    "nearest": Image.Resampling.BOX,
}


class Unreadable(Exception):  # noqa: N818 - it says what the file is; it is a result more than a mistake.
    """A file that does not become pixels.

    Attributes:
        reason: Why, in words for the file's owner: no path, no traceback, no full stop.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def read(path: Path, recipe: Recipe, *, max_pixels: int = MAX_PIXELS) -> Decoded:
    """Reads and decodes a file; see `decode`.

    Raises:
        Unreadable: The file cannot be read, or is no picture.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise Unreadable("no such file") from error
        raise Unreadable(f"cannot be read: {error.strerror or error}") from error
    except MemoryError as error:
        raise Unreadable("too large for this machine's memory") from error
    try:
        return decode(data, recipe, max_pixels=max_pixels)
    except Unreadable as error:
        known = OTHER_SUFFIXES.get(path.suffix.casefold())
        if known and "data of no known format" in error.reason:
            raise Unreadable(_FOREIGN.format(known)) from error
        raise


def decode(data: bytes, recipe: Recipe, *, max_pixels: int = MAX_PIXELS) -> Decoded:
    """Decodes a picture file and fits it to a recipe.

    Reads JPEG, PNG, WebP, BMP, GIF, TIFF and, where Pillow has it, AVIF, told by content. Of several
    frames the first counts. EXIF orientation is applied, transparency laid over white, and the whole
    picture squeezed to the recipe's size with an anti-aliased filter. A JPEG that is far larger than
    needed is decoded at a half, quarter or eighth of its size, never below twice the size wanted.

    May run in many threads at once; Pillow releases the interpreter while it decodes and resizes.

    Args:
        data: The file's content.
        recipe: Size and interpolation.
        max_pixels: A picture of more pixels is refused by its header, before it is decoded. Beyond
            twice Pillow's `Image.MAX_IMAGE_PIXELS`, Pillow refuses by itself.

    Returns:
        Pixels (read-only), fingerprint and content hash.

    Raises:
        Unreadable: With the reason; nothing else is raised for whatever bytes.
        ValueError: The recipe's interpolation is unknown.
    """
    if recipe.interpolation not in _FILTERS:
        raise ValueError(
            f"interpolation must be one of {sorted(_FILTERS)}; received {recipe.interpolation!r}"
        )
    head = data[:HEAD_BYTES]
    kind = sniff(head)
    if kind is None:
        raise Unreadable(_why_unknown(data))
    try:
        with strict_pillow():
            picture = _fit(data, kind, recipe, max_pixels)
            return Decoded(np.asarray(picture.convert("RGB")), fingerprint(picture), hashing.of_bytes(data))
    except Unreadable:
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable(
            f"too many pixels: {_first_number(error)}, over the limit of {max_pixels:,}"
        ) from error
    except MemoryError as error:
        raise Unreadable(f"damaged {kind}, or too large for this machine's memory") from error
    # Broken files make Pillow's parsers fail in whatever way their bytes suggest: OSError,
    # SyntaxError, ValueError, struct.error, KeyError, IndexError, OverflowError, RecursionError ...
    except Exception as error:
        raise Unreadable(_why_broken(kind, error)) from error


def _fit(data: bytes, kind: str, recipe: Recipe, max_pixels: int) -> Image.Image:
    """The picture in mode 'RGB' or 'L' at the recipe's size."""
    with Image.open(io.BytesIO(data), formats=(kind,)) as picture:
        width, height = picture.size
        if width * height > max_pixels:
            raise Unreadable(f"too many pixels: {width:,} x {height:,}, over the limit of {max_pixels:,}")
        size = (recipe.width, recipe.height)
        orientation = 1
        if kind == "JPEG":
            orientation = _orientation(picture)
            across = size if orientation < 5 else size[::-1]
            picture.draft("", (2 * across[0], 2 * across[1]))
        _load(picture, kind)
        if kind != "JPEG":
            # A PNG may carry EXIF behind its pixels; TIFF and AVIF are turned while they load.
            orientation = _orientation(picture)
        upright = to_eight_bits(picture)
        if orientation >= 5:
            size = size[::-1]
        # Turned after it is small: squeezing and turning commute, and few pixels turn faster.
        view = view_of(hashing.of_bytes(data), recipe.view) if recipe.view else None
        if upright.size != size or view is not None:
            box = view.box(upright.size) if view is not None else None
            upright = upright.resize(size, _FILTERS[recipe.interpolation], box)
        if orientation in _TURNS:
            upright = upright.transpose(_TURNS[orientation])
        return view.finish(upright) if view is not None else upright


def _load(picture: ImageFile.ImageFile, kind: str) -> None:
    """Decodes the first frame.

    A PNG that is cut off is an error. One that is there to its end, but with a damaged stream or
    without its closing chunk, counts as read, as a JPEG with damaged bytes does: Pillow then has
    taken in every row it could, and shows it by having no tile left to decode.
    """
    try:
        picture.load()
    except OSError:
        if kind != "PNG" or picture.tile:
            raise


def _orientation(picture: Image.Image) -> int:
    """EXIF orientation, 1 to 8; 1 where it is missing, invalid or in a damaged block."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1  # The pixels are fine; only what is said beside them is broken.
    return value if isinstance(value, int) and value in _TURNS else 1


def _first_number(error: Exception) -> str:
    found = re.search(r"\d+", str(error))
    return f"{int(found[0]):,}" if found else "as many"


def _why_unknown(data: bytes) -> str:
    if not data:
        return "empty file"
    foreign = foreign_format(data[:HEAD_BYTES])
    if foreign:
        return _FOREIGN.format(foreign)
    if not any(data[:4096]):
        return "not a picture: nothing but zero bytes"
    return f"not a picture: holds {describe_head(data[:HEAD_BYTES])}"


def _why_broken(kind: str, error: Exception) -> str:
    """A short reason from whatever Pillow raised."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    lowered = text.casefold()
    if "truncated" in lowered or "not enough" in lowered:
        return f"{kind} file is cut off"
    if "max_text_chunk" in lowered or "max_text_memory" in lowered:
        return f"{kind} with a text chunk that unpacks to a huge size (a decompression bomb)"
    if "support not installed" in lowered:
        return f"{kind}, which the installed Pillow was built without"
    if "cannot identify" in lowered or isinstance(
        error, struct.error | SyntaxError | IndexError | KeyError | TypeError
    ):
        return f"damaged {kind}: its header cannot be read"
    return f"damaged {kind}: {text}"
