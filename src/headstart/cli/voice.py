"""How commands speak: what came out on standard output; warnings and a moving count on standard error."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from headstart.core.progress import Advance, duration

QUIET_SECONDS = 10.0
"""How often a count is said where standard error is no terminal."""


class TerminalVoice:
    """Speaks to a person.

    Args:
        aside: Whether lines go to standard error too, since standard output carries the command's answer.
    """

    def __init__(self, *, aside: bool = False) -> None:
        from rich.console import Console

        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        # On one screen, lines and the moving count must come from one console, or they overwrite each other.
        self._live: Callable[[str], None] | None = None
        self._apart = not aside and not (sys.stdout.isatty() and self._console.is_terminal)

    def say(self, line: str) -> None:
        """Prints a line."""
        if self._apart:
            print(line, flush=True)
        else:
            self._console.print(line, markup=False)

    def warn(self, line: str) -> None:
        """Prints a line that stands out."""
        self._console.print(f"! {line}", markup=False, style="yellow")

    def remark(self, line: str) -> None:
        """Shows a line under the moving count, in place of the one before; a log gets it as a line."""
        if self._live is not None:
            self._live(line)
        else:
            print(line, file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def track(self, what: str, total: int, unit: str) -> Iterator[Advance]:
        """Shows how far a count is, how fast, and how long it will still take."""
        if self._console.is_terminal:
            with self._bar(what, total, unit) as advance:
                yield advance
        else:
            yield _Lines(what, total, unit)

    @contextlib.contextmanager
    def _bar(self, what: str, total: int, unit: str) -> Iterator[Advance]:
        from rich.console import Group
        from rich.live import Live
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.text import Text

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
        )
        progress = Progress(*columns)
        task = progress.add_task(what, total=total, rate="")
        said = Text()

        def remark(line: str) -> None:
            said.plain = line

        def shown() -> Group:
            return Group(progress, said) if said.plain else Group(progress)

        began, done = time.perf_counter(), 0

        def advance(count: int) -> None:
            nonlocal done
            done += count
            rate = done / max(1e-9, time.perf_counter() - began)
            progress.update(task, completed=done, rate=f"{rate:,.0f} {unit}/s")

        self._live = remark
        try:
            with Live(get_renderable=shown, console=self._console, transient=True):
                yield advance
        finally:
            self._live = None


class _Lines:
    """A count for a log: a line now and then."""

    def __init__(self, what: str, total: int, unit: str) -> None:
        self._what, self._total, self._unit = what, total, unit
        self._began = self._said = time.perf_counter()
        self._done = 0

    def __call__(self, count: int) -> None:
        self._done += count
        now = time.perf_counter()
        if now - self._said < QUIET_SECONDS:
            return
        self._said = now
        rate = self._done / (now - self._began)
        left = duration((self._total - self._done) / rate) if rate else "unknown"
        print(
            f"{self._what}: {self._done:,} of {self._total:,} ({rate:,.1f} {self._unit}/s, {left} left)",
            file=sys.stderr,
            flush=True,
        )
