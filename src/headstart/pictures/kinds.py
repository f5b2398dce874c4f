"""What counts as a picture file: by suffix where it is a picture's, else by content."""

from __future__ import annotations

from pathlib import Path

READABLE_SUFFIXES = frozenset(
    {
        ".avif",
        ".avifs",
        ".bmp",
        ".gif",
        ".jfif",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".mpo",
        ".png",
        ".apng",
        ".tif",
        ".tiff",
        ".webp",
    }
)

# Pictures all the same, though not read here. They stay in the list, so that each is named as
# unreadable: a folder of a phone's HEIC files must not look as if it were empty.
OTHER_SUFFIXES = {
    ".arw": "a camera's raw file",
    ".cr2": "a camera's raw file",
    ".cr3": "a camera's raw file",
    ".dcm": "DICOM",
    ".dng": "a camera's raw file",
    ".exr": "OpenEXR",
    ".heic": "HEIF",
    ".heif": "HEIF",
    ".ico": "an icon",
    ".j2k": "JPEG 2000",
    ".jp2": "JPEG 2000",
    ".jxl": "JPEG XL",
    ".nef": "a camera's raw file",
    ".orf": "a camera's raw file",
    ".pbm": "Netpbm",
    ".pgm": "Netpbm",
    ".pnm": "Netpbm",
    ".ppm": "Netpbm",
    ".psd": "Photoshop",
    ".raf": "a camera's raw file",
    ".rw2": "a camera's raw file",
    ".svg": "SVG",
    ".tga": "Targa",
}

HEAD_BYTES = 32
"""Bytes of a file's beginning that `sniff` and `describe_head` look at."""

_HIDDEN_NAMES = frozenset({"__macosx", "thumbs.db", "desktop.ini", "$recycle.bin", "@eadir"})
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})


def is_hidden(name: str) -> bool:
    """Whether a file or folder of this name is the system's business and not the user's."""
    return name.startswith(".") or name.casefold() in _HIDDEN_NAMES


def has_picture_suffix(name: str) -> bool:
    """Whether a name ends like a picture's, in a format that is read here or not."""
    suffix = Path(name).suffix.casefold()
    return suffix in READABLE_SUFFIXES or suffix in OTHER_SUFFIXES


def sniff(head: bytes) -> str | None:
    """The format that a file's first bytes announce.

    Args:
        head: The beginning of the file, at least `HEAD_BYTES` where it has as many.

    Returns:
        Pillow's name of the format ('JPEG', 'PNG', 'WEBP', 'BMP', 'GIF', 'TIFF', 'AVIF'), or None.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "TIFF"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and (head[8:12] in (b"avif", b"avis") or b"avif" in head[16:32]):
        return "AVIF"
    # Two letters are little to go by ("BMW..."), so the size of the header behind them counts too.
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    return None


def foreign_format(head: bytes) -> str | None:
    """The name of a picture format that is not read here, where the first bytes announce one."""
    start = _text_start(head)
    if start.startswith((b"<svg", b"<?xml")):
        return "SVG"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return "HEIF"
    if head.startswith((b"\x00\x00\x00\x0cjP", b"\xff\x4f\xff\x51")):
        return "JPEG 2000"
    if head.startswith((b"\x00\x00\x00\x0cJXL", b"\xff\x0a")):
        return "JPEG XL"
    if head.startswith(b"8BPS"):
        return "Photoshop"
    if head[:1] == b"P" and head[1:2] in b"1234567" and head[2:3].isspace():
        return "Netpbm"
    return None


def describe_head(head: bytes) -> str:
    """In words, what a file that is no picture holds, judged by its first bytes."""
    start = _text_start(head)
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "a web page"
    if start.startswith(b"%pdf"):
        return "a PDF"
    if start.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer instead of the file itself"
    if head.startswith(b"PK\x03\x04"):
        return "a ZIP archive"
    if head.startswith(b"\x00\x05\x16\x07"):
        return "macOS's side file (AppleDouble)"
    if head[4:8] == b"ftyp":
        return "a film"
    if head and all(byte in b"\t\r\n\f" or 32 <= byte < 127 for byte in head):
        return "text"
    return "data of no known format"


def _text_start(head: bytes) -> bytes:
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()


def is_picture(path: Path) -> bool:
    """Whether a file goes into the list of pictures.

    A picture's suffix suffices: if the content is something else, the file is named as unreadable
    later. Any other suffix, or none, is decided by the first bytes.

    Args:
        path: An existing file.
    """
    if has_picture_suffix(path.name):
        return True
    try:
        with path.open("rb") as file:
            return sniff(file.read(HEAD_BYTES)) is not None
    except OSError:
        return False
