"""Stopping long work early and in order: at a time limit, or when the user presses Ctrl-C once.

Work that gives a better answer the longer it runs asks `Stop.asked` between its steps. A second Ctrl-C is an
ordinary KeyboardInterrupt.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

CTRL_C, TIME_LIMIT = "Ctrl-C", "the time limit"


class Stop:
    """Whether the work should come to its end, and why.

    Args:
        deadline: A moment of `time.monotonic()`, or None.
    """

    def __init__(self, deadline: float | None = None) -> None:
        self._deadline = deadline
        self._interrupted = False

    @property
    def reason(self) -> str:
        """`CTRL_C` or `TIME_LIMIT`; empty while the work should go on."""
        if self._interrupted:
            return CTRL_C
        if self._deadline is not None and time.monotonic() >= self._deadline:
            return TIME_LIMIT
        return ""

    @property
    def asked(self) -> bool:
        """Whether to stop."""
        return bool(self.reason)

    def interrupt(self) -> None:
        """Asks the work to stop."""
        self._interrupted = True


@contextlib.contextmanager
def once(stop: Stop, told: Callable[[], None]) -> Iterator[None]:
    """Turns the first Ctrl-C within the block into a request to stop; the next one interrupts as always.

    Outside the main thread, where Python takes no signals, nothing changes.

    Args:
        stop: Asked by the first Ctrl-C.
        told: Called then, to tell the user.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def first(number: int, frame: FrameType | None) -> None:
        del number, frame
        signal.signal(signal.SIGINT, before)
        stop.interrupt()
        told()

    if before is not signal.default_int_handler:
        # A program around us handles Ctrl-C in its own way.
        yield
        return
    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
