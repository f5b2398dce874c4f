"""Whole or absent: files and folders appear under their name only when complete."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}.part")


@contextlib.contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Gives a temporary path beside `target`, which takes its name when the block ends well.

    A `target` that exists is replaced in one step. If the block raises, nothing is left.
    """
    part = _beside(target)
    try:
        yield part
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Gives a temporary folder beside `target`, which takes its name when the block ends well.

    Raises:
        FileExistsError: If `target` is there when the block ends.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = _beside(target)
    part.mkdir()
    try:
        yield part
        if target.exists():
            raise FileExistsError(target)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def write_text(target: Path, text: str) -> None:
    """Writes a UTF-8 text file with Unix line ends, whole or not at all."""
    with new_file(target) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
