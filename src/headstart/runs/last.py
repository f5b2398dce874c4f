"""`runs/last` points to the newest run: a symbolic link where the system lets us, else a small text file."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path

NAME = "last"


def point(run: Path) -> None:
    """Makes `last` beside a run point to it, in one step."""
    pointer = run.parent / NAME
    if pointer.is_dir() and not pointer.is_symlink():
        # Somebody's own folder of that name is left alone.
        return
    part = run.parent / f".{NAME}.{uuid.uuid4().hex[:8]}"
    try:
        part.symlink_to(run.name, target_is_directory=True)
    except OSError:
        # Windows without the right to make links.
        part.write_text(run.name + "\n", encoding="utf-8")
    try:
        os.replace(part, pointer)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def follow(path: Path) -> Path:
    """The folder that a path means: itself, or what a pointer file names."""
    if path.is_file() and path.name == NAME:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return path.parent / Path(path.read_text(encoding="utf-8").strip()).name
    return path
