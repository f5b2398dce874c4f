"""A path becomes Pictures: the one door, whatever the layout."""

from __future__ import annotations

from pathlib import Path

from headstart.core.errors import PicturesError
from headstart.pictures.folder import open_folder
from headstart.pictures.manifest import is_manifest, open_manifest
from headstart.pictures.records import Pictures


def open_pictures(source: str | Path) -> Pictures:
    """Finds the labelled pictures that a path stands for, without decoding any.

    Args:
        source: A folder of class folders; a folder with train/ and perhaps val|valid|validation/ and
            test/, each holding class folders; or a manifest (CSV or Parquet) with the columns path,
            label and perhaps split and group.

    Returns:
        The pictures, with classes in natural order and a line that says how the layout was understood.

    Raises:
        PicturesError: There is no such path, it is neither folder nor manifest, or its layout cannot
            be used.
    """
    path = Path(source).expanduser()
    if path.is_dir():
        return open_folder(path)
    if not path.exists():
        raise PicturesError(
            "Pictures must be an existing folder or manifest",
            f"pictures={str(path)!r}, which does not exist",
            "check the spelling and the folder that you are in",
        )
    if path.is_file() and is_manifest(path):
        try:
            return open_manifest(path)
        except OSError as error:
            raise PicturesError(
                "A manifest must be readable",
                f"{str(path)!r} ({error.strerror or error})",
                "give yourself the right to read it",
            ) from error
    raise PicturesError(
        "Pictures must be a folder of class folders or a manifest (.csv, .parquet)",
        f"pictures={str(path)!r}, which is a file",
        "give the folder that holds the class folders",
    )
