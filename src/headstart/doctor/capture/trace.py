"""The record of a run: events in order, and the places of the objects that they made."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from headstart.doctor.capture.places import UserFiles
from headstart.doctor.records import Place

MOST_EVENTS = 50_000
"""After so many events of one kind no more are kept: a loop in the script must not fill the memory."""


@dataclass(frozen=True)
class Event:
    """Something that the script did.

    Attributes:
        kind: "layer", "call", "compile", "fit", "application" and so on; `docs/doctor-rules.md` lists them.
        name: The class, function or attribute.
        order: Its number in the run.
        places: Where the user's code stood, innermost frame first; empty where none was on the stack.
        arguments: The arguments by name, with defaults filled in where the signature was known.
        given: The names of arguments that the script itself passed.
        subject: The object on which it happened.
        result: What it returned.
    """

    kind: str
    name: str
    order: int
    places: tuple[Place, ...]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    subject: Any = None
    result: Any = None

    @property
    def place(self) -> Place | None:
        """The innermost place in the user's files."""
        return self.places[0] if self.places else None


class Trace:
    """Collects events while a script runs.

    Args:
        files: Which files are the user's.
        on_fit: Called when `fit` is reached, with the trace and the fit's event; it may change the
            arguments that `fit` goes on with, by returning a new mapping.
        through: Whether to go on after the first fit.
    """

    def __init__(
        self,
        files: UserFiles,
        on_fit: Callable[[Trace, Event], Mapping[str, Any] | None] | None = None,
        through: bool = False,
    ) -> None:
        self.files = files
        self.on_fit = on_fit
        self.through = through
        self.events: list[Event] = []
        self.made: dict[int, Event] = {}
        self.facts: dict[str, Any] = {}
        self._counts: dict[str, int] = {}
        self._paused = 0
        self._process = os.getpid()
        self._lock = threading.RLock()

    @property
    def listening(self) -> bool:
        """Whether events are taken down now, in this process."""
        return not self._paused and os.getpid() == self._process

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """While the doctor itself works with Keras, nothing is recorded."""
        self._paused += 1
        try:
            yield
        finally:
            self._paused -= 1

    def add(
        self,
        kind: str,
        name: str,
        *,
        arguments: Mapping[str, Any] | None = None,
        given: frozenset[str] = frozenset(),
        subject: Any = None,
        result: Any = None,
        makes: Any = None,
        places: tuple[Place, ...] | None = None,
    ) -> Event | None:
        """Takes an event down.

        Args:
            makes: The object that the event brought into being; `event_of` finds the event by it. The
                first event that makes an object keeps it.
        """
        with self._lock:
            count = self._counts[kind] = self._counts.get(kind, 0) + 1
            if count > MOST_EVENTS:
                return None
            event = Event(
                kind,
                name,
                len(self.events),
                self.files.stack(2) if places is None else places,
                dict(arguments or {}),
                given,
                subject,
                result,
            )
            self.events.append(event)
            if makes is not None:
                self.made.setdefault(id(makes), event)
                # Keeps the object alive, so that its id stays its own.
                self.facts.setdefault("kept", []).append(makes)
            return event

    def event_of(self, made: Any) -> Event | None:
        """The event that brought an object into being."""
        return self.made.get(id(made))

    def of_kind(self, kind: str, name: str | None = None) -> list[Event]:
        """Events of one kind in order."""
        return [e for e in self.events if e.kind == kind and (name is None or e.name == name)]


_current: Trace | None = None


def current() -> Trace | None:
    """The trace that takes events down now, or None."""
    return _current if _current is not None and _current.listening else None


def serving() -> Trace | None:
    """The trace of the script in this process, also while the doctor itself runs the script's functions."""
    return _current if _current is not None and os.getpid() == _current._process else None


@contextlib.contextmanager
def recording(trace: Trace) -> Iterator[Trace]:
    """Makes `trace` the one that patches report to."""
    global _current
    before, _current = _current, trace
    try:
        yield trace
    finally:
        _current = before
