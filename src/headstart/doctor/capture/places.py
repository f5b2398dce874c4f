"""From a running frame to a place in the user's files, exact to the column."""

from __future__ import annotations

import itertools
import linecache
import os
import sys
import sysconfig
from pathlib import Path
from types import CodeType, FrameType

from headstart.doctor.records import Place

_HERE = str(Path(__file__).resolve().parents[2])
_FOREIGN = tuple(
    str(Path(path).resolve()) + os.sep
    for key in ("stdlib", "platstdlib", "purelib", "platlib")
    if (path := sysconfig.get_paths().get(key))
)
_NOT_USER = ("site-packages" + os.sep, "dist-packages" + os.sep)


class UserFiles:
    """Says which code is the user's: the script, and modules under its folder that no installer put there.

    Args:
        script: The script's path as the user gave it.
        cells: For a notebook, the number of the cell by the file name it was compiled under.
    """

    def __init__(self, script: str, cells: dict[str, int] | None = None) -> None:
        self.script = script
        self.cells = cells or {}
        self._folder = str(Path(script).resolve().parent) + os.sep
        self._resolved = str(Path(script).resolve())
        self._known: dict[str, str | None] = {}

    def named(self, filename: str) -> str | None:
        """The name to report for a code object's file, or None where it is not the user's."""
        if filename not in self._known:
            self._known[filename] = self._name(filename)
        return self._known[filename]

    def _name(self, filename: str) -> str | None:
        if filename in self.cells:
            return self.script
        if filename.startswith("<"):
            return None
        path = str(Path(filename).resolve())
        if path == self._resolved:
            return self.script
        if path.startswith(_HERE + os.sep) or any(part in path for part in _NOT_USER):
            return None
        if any(path.startswith(root) for root in _FOREIGN):
            return None
        return path if path.startswith(self._folder) else None

    def place(self, frame: FrameType) -> Place | None:
        """Where a frame stands now, or None where it is not the user's."""
        name = self.named(frame.f_code.co_filename)
        if name is None:
            return None
        return self._at(name, frame.f_code, frame.f_lasti, frame.f_lineno)

    def of_traceback(self, code: CodeType, lasti: int, line: int) -> Place | None:
        """The same for an entry of a traceback."""
        name = self.named(code.co_filename)
        return None if name is None else self._at(name, code, lasti, line)

    def _at(self, name: str, code: CodeType, lasti: int, line: int | None) -> Place:
        cell = self.cells.get(code.co_filename)
        first, last, start, end = next(
            itertools.islice(code.co_positions(), max(lasti, 0) // 2, None), (None, None, None, None)
        )
        if first is None or start is None or end is None or last is None:
            return Place(name, line or 1, cell=cell)
        return Place(
            name,
            first,
            _characters(code.co_filename, first, start) + 1,
            _characters(code.co_filename, last, end) + 1,
            last,
            cell,
        )

    def stack(self, depth: int = 1) -> tuple[Place, ...]:
        """The places of the user's frames below the caller's, innermost first."""
        found: list[Place] = []
        frame: FrameType | None = sys._getframe(depth)
        while frame is not None:
            if frame.f_code.co_filename not in self._known or self._known[frame.f_code.co_filename]:
                place = self.place(frame)
                if place is not None:
                    found.append(place)
            frame = frame.f_back
        return tuple(found)


def _characters(filename: str, line: int, offset: int) -> int:
    """Turns a byte offset, as Python counts columns, into characters."""
    text = linecache.getline(filename, line)
    if text.isascii():
        return offset
    return len(text.encode("utf-8")[:offset].decode("utf-8", errors="replace"))
