"""How counts and classes are put into words, and the rule that there are two classes or more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import PicturesError

SHOWN_CLASSES = 12
SHOWN_NAMES = 6


def counted(number: int, noun: str) -> str:
    """A number and its noun: '1 picture', '1,000 pictures', '2 classes'."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun}{'es' if noun.endswith('s') else 's'}"


def listed(names: Sequence[str]) -> str:
    """The first few of some names, in quotes: "'cat', 'dog', ..."."""
    return ", ".join(map(repr, names[:SHOWN_NAMES])) + (", ..." if len(names) > SHOWN_NAMES else "")


def class_list(names: Sequence[str], labels: NDArray[np.int64]) -> str:
    """The classes with their counts: '2 classes (cats 1,000, dogs 1,000)'."""
    counts = np.bincount(labels, minlength=len(names))
    shown = ", ".join(
        f"{name} {count:,}" for name, count in list(zip(names, counts, strict=True))[:SHOWN_CLASSES]
    )
    rest = len(names) - SHOWN_CLASSES
    return f"{counted(len(names), 'class')} ({shown}{f', and {rest:,} more' if rest > 0 else ''})"


def require_classes(names: Sequence[str], source: str, meant: Path | None) -> None:
    """Holds the rule that a classifier needs two classes.

    Args:
        names: The classes that were found.
        source: Where they were looked for.
        meant: A folder that was probably meant, to suggest it.

    Raises:
        PicturesError: There is no class, or only one.
    """
    if len(names) >= 2:
        return
    found = f"{source!r} with one class only, {names[0]!r}" if names else f"{source!r} with no picture in it"
    todo = (
        f"give {str(meant)!r}, which holds several" if meant else "add a folder of pictures for every class"
    )
    if meant is None and names:
        todo = "add the pictures of a second class, beside it, in a folder of their own"
    raise PicturesError("Pictures of at least two classes are needed", found, todo)
