"""How `headstart.fit` speaks inside a user's script: in Keras's own manner, and not at all with verbose=0."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from headstart.core.progress import Advance, Silence, Voice

log = logging.getLogger("headstart")


class InScript:
    """Lines on standard output, Keras's progress bar; warnings go to the log 'headstart'."""

    def say(self, line: str) -> None:
        """Prints a line."""
        print(line, flush=True)

    def warn(self, line: str) -> None:
        """Logs a line, which Python shows on standard error unless the program decides otherwise."""
        log.warning(line)

    def remark(self, line: str) -> None:
        """Prints a line."""
        print(line, flush=True)

    @contextlib.contextmanager
    def track(self, what: str, total: int, unit: str) -> Iterator[Advance]:
        """Shows Keras's progress bar."""
        import keras

        print(what, flush=True)
        bar = keras.utils.Progbar(total, unit_name=unit.rstrip("s"))
        done = 0

        def advance(more: int) -> None:
            nonlocal done
            done += more
            bar.update(done)

        yield advance


class Quiet(Silence):
    """No lines; warnings go to the log 'headstart'."""

    def warn(self, line: str) -> None:
        """Logs a line."""
        log.warning(line)


def voice(verbose: Any) -> Voice:
    """The voice that goes with `verbose` as `model.fit` takes it."""
    return Quiet() if verbose in (0, False) else InScript()
