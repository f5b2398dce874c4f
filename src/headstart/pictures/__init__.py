"""A folder, a manifest or arrays become Pictures; decoding, splitting, duplicates."""

from headstart.pictures.decode import MAX_PIXELS, Unreadable, decode, read
from headstart.pictures.opening import open_pictures
from headstart.pictures.records import Decoded, Part, Pictures, Recipe, Skipped, Split, TwinPair
from headstart.pictures.split import check_sizes, split
from headstart.pictures.twins import find_twins
from headstart.pictures.walk import list_files

__all__ = [
    "MAX_PIXELS",
    "Decoded",
    "Part",
    "Pictures",
    "Recipe",
    "Skipped",
    "Split",
    "TwinPair",
    "Unreadable",
    "check_sizes",
    "decode",
    "find_twins",
    "list_files",
    "open_pictures",
    "read",
    "split",
]
