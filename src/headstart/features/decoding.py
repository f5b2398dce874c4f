"""Decoding beside compute: threads read and resize pictures while the engine runs.

Pillow lets go of Python's lock while it decodes and resizes, so threads are enough.
"""

from __future__ import annotations

import collections
import os
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from headstart.core import hashing
from headstart.pictures import Unreadable, decode
from headstart.pictures.records import Decoded, Recipe

Source = Path | bytes
"""A picture file, or the content of one."""

AHEAD = 8
"""Pictures decoded ahead by each thread: enough to bridge an engine's hiccup, few enough that memory
does not grow with the number of pictures."""


@dataclass(frozen=True)
class Attempt:
    """What came of one picture.

    Attributes:
        index: The picture's place among the sources.
        decoded: The pixels, or None where it was unreadable or not wanted.
        reason: Why it was unreadable, or None.
    """

    index: int
    decoded: Decoded | None
    reason: str | None


def content_of(source: Source) -> str:
    """The SHA-256 of the picture file's bytes.

    Raises:
        Unreadable: If the file cannot be read.
    """
    try:
        return hashing.of_bytes(source) if isinstance(source, bytes) else hashing.of_file(source)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from error


def read_source(source: Source, recipe: Recipe) -> Decoded:
    """Reads and decodes one picture.

    Raises:
        Unreadable: With the reason, also where the file itself cannot be read.
    """
    try:
        data = source if isinstance(source, bytes) else source.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from error
    return decode(data, recipe)


def decode_ahead(
    sources: Sequence[Source],
    indices: Sequence[int],
    recipe: Recipe,
    *,
    wanted: Callable[[int], bool] = lambda _: True,
    threads: int | None = None,
) -> Generator[Attempt, None, None]:
    """Decodes pictures in threads, a bounded number ahead of what is consumed, in order.

    Args:
        sources: The pictures.
        indices: Which of them to decode, in this order.
        recipe: How to read the pixels.
        wanted: Asked just before a picture is decoded; where it says no, an empty attempt is given.
        threads: How many to decode at once; as many as processors by default.
    """

    def attempt(index: int) -> Attempt:
        if not wanted(index):
            return Attempt(index, None, None)
        try:
            return Attempt(index, read_source(sources[index], recipe), None)
        except Unreadable as error:
            return Attempt(index, None, str(error))

    workers = threads or os.cpu_count() or 1
    pool = ThreadPoolExecutor(workers, thread_name_prefix="decode")
    pending: collections.deque[Future[Attempt]] = collections.deque()
    todo = iter(indices)
    try:
        while True:
            while len(pending) < AHEAD * workers and (index := next(todo, None)) is not None:
                pending.append(pool.submit(attempt, index))
            if not pending:
                return
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
