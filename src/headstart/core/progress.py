"""How work tells of itself: lines, and a count that moves.

The rooms speak to a `Voice`; the command line gives one that draws, a program gets one that is silent.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Protocol

Advance = Callable[[int], None]
"""Told how many pieces are done since the last call."""


class Voice(Protocol):
    """What long work may say while it runs."""

    def say(self, line: str) -> None:
        """Says one line that stays."""

    def warn(self, line: str) -> None:
        """Says one line that the user should act on."""

    def remark(self, line: str) -> None:
        """Says how things stand; beside a moving count the newest takes the place of the one before."""

    def track(self, what: str, total: int, unit: str) -> contextlib.AbstractContextManager[Advance]:
        """Shows a count of `total` pieces while the block runs, with rate and time left."""


class Silence:
    """A voice that says nothing."""

    def say(self, line: str) -> None:
        """Says nothing."""

    def warn(self, line: str) -> None:
        """Says nothing."""

    def remark(self, line: str) -> None:
        """Says nothing."""

    @contextlib.contextmanager
    def track(self, what: str, total: int, unit: str) -> Iterator[Advance]:
        """Counts nothing."""
        del what, total, unit
        yield lambda _: None


def duration(seconds: float) -> str:
    """Seconds as a person says them: '0.4 s', '12 s', '3 min 20 s', '2 h 15 min'.

    >>> duration(8100)
    '2 h 15 min'
    """
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
