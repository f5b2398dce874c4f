"""What `--strict` does with a picture that cannot be read: it ends the run, by name."""

from __future__ import annotations

from typing import NoReturn

from headstart.core.errors import PicturesError
from headstart.features.decoding import Source


def stop_at(source: Source, reason: str) -> NoReturn:
    """Ends the run at a picture that cannot be read.

    Raises:
        PicturesError: Always.
    """
    raise PicturesError(
        "With --strict every picture must be readable",
        f"{'an array' if isinstance(source, bytes) else source} ({reason})",
        "mend or remove it, or leave --strict out to skip such files",
    )
