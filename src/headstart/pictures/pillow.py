"""Pillow held to our terms while it reads: no warnings leak, and a cut-off file is an error.

Both terms are settings of the whole process, and many threads decode at once, so
`warnings.catch_warnings` in each would restore another thread's state. Here the first one in makes
the settings and the last one out puts them back.
"""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from PIL import ImageFile

# The comment in the pattern tells our entry from one that the user may have set.
_PATTERN = r"PIL\.(?#while headstart reads a picture)"

_lock = threading.Lock()
_inside = 0
_tolerated = False


@contextmanager
def strict_pillow() -> Iterator[None]:
    """Silences Pillow's warnings and forbids it to tolerate truncation, in all threads inside."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _inside, _tolerated
    with _lock:
        _inside += 1
        if _inside == 1:
            _tolerated = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = False
        if not _is_silent():
            warnings.filterwarnings("ignore", module=_PATTERN)


def _leave() -> None:
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            ImageFile.LOAD_TRUNCATED_IMAGES = _tolerated
            # Typed as a sequence, a list in truth.
            filters = cast("list[object]", warnings.filters)
            filters[:] = [entry for entry in filters if not _is_ours(entry)]


def _is_silent() -> bool:
    """Whether our entry stands first, where no other can overrule it."""
    if getattr(sys.flags, "context_aware_warnings", False):
        return False  # Each context has its own list there: set it in each.
    return bool(warnings.filters) and _is_ours(warnings.filters[0])


def _is_ours(entry: object) -> bool:
    return isinstance(entry, tuple) and getattr(entry[3], "pattern", None) == _PATTERN
