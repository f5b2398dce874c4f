"""The picture files below a folder, in natural order, each folder seen once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headstart.core.errors import PicturesError
from headstart.pictures.kinds import has_picture_suffix, is_hidden, is_picture
from headstart.pictures.natural import natural_key


@dataclass
class Listing:
    """What a folder holds.

    Attributes:
        pictures: Picture files.
        others: How many files are no pictures.
        hidden: Hidden files that bear a picture's suffix, such as macOS's '._cat.jpg'.
    """

    pictures: list[Path] = field(default_factory=list)
    others: int = 0
    hidden: list[Path] = field(default_factory=list)

    def add(self, other: Listing) -> None:
        """Takes another listing's content in behind its own."""
        self.pictures += other.pictures
        self.others += other.others
        self.hidden += other.hidden


Seen = set[tuple[int, int]]


def identity(folder: Path) -> tuple[int, int]:
    """A folder's own number, by which a link that leads back to it is told."""
    status = folder.stat()
    return status.st_dev, status.st_ino


def children(folder: Path) -> tuple[list[Path], Listing]:
    """A folder's own folders and files, not looking deeper.

    Returns:
        The folders that are not hidden, and the files. Both are in natural order.

    Raises:
        PicturesError: The folder cannot be read.
    """
    folders: list[Path] = []
    files = Listing()
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: natural_key(entry.name))
    except OSError as error:
        raise PicturesError(
            "A folder of pictures must be readable",
            f"folder={str(folder)!r} ({error.strerror or error})",
            "give yourself the right to read it, or take it out",
        ) from error
    for entry in entries:
        path = Path(entry.path)
        try:
            is_folder, is_file = entry.is_dir(), entry.is_file()
        except OSError:
            is_folder, is_file = False, False
        if is_hidden(entry.name):
            if not is_folder and has_picture_suffix(entry.name):
                files.hidden.append(path)
        elif is_folder:
            folders.append(path)
        elif is_file:
            if is_picture(path):
                files.pictures.append(path)
            else:
                files.others += 1
        elif entry.is_symlink() and has_picture_suffix(entry.name):
            # A link to nowhere: kept, so that it is named as unreadable. Pipes and sockets are not
            # kept: reading one would wait for ever.
            files.pictures.append(path)
    return folders, files


def walk(folder: Path, seen: Seen) -> Listing:
    """All the files below a folder, with the folder's own first, then each subfolder's.

    Args:
        folder: Where to start.
        seen: Folders to stay out of; the ones that are entered are added, so links cannot loop.
    """
    listing = Listing()
    for entered in _folders(folder, seen):
        listing.add(entered)
    return listing


def _folders(start: Path, seen: Seen) -> Iterator[Listing]:
    pending = [start]
    while pending:
        folder = pending.pop()
        try:
            number = identity(folder)
        except OSError:
            continue
        if number in seen:
            continue
        seen.add(number)
        folders, files = children(folder)
        yield files
        pending += reversed(folders)


def list_files(paths: Sequence[Path]) -> list[Path]:
    """The picture files that some files and folders stand for, for prediction.

    A file that is named is kept, whatever it holds. A folder gives every picture below it in natural
    order, without hidden files and files that are no pictures.

    Args:
        paths: Files and folders.

    Returns:
        The files in the order given, each once.

    Raises:
        PicturesError: A path does not exist, or no picture is there at all.
    """
    files: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            files.update(dict.fromkeys(walk(path, set()).pictures))
        elif path.exists() or path.is_symlink():
            files[path] = None
        else:
            raise PicturesError(
                "A path must be a picture file or a folder of pictures",
                f"path={str(path)!r}, which does not exist",
                "check the spelling and the folder that you are in",
            )
    if not files:
        given = ", ".join(repr(str(path)) for path in paths[:3]) or "nothing"
        raise PicturesError(
            "At least one picture must be given",
            f"{given}, with no picture in it",
            "name a picture or a folder that holds one",
        )
    return list(files)
