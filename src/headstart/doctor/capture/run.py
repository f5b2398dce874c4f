"""Runs a script as `__main__` in this process, under a trace, and says how it ended."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, TracebackType

from headstart.doctor.capture import oldnames
from headstart.doctor.capture.places import UserFiles
from headstart.doctor.capture.reading import reading_of
from headstart.doctor.capture.source import Unit
from headstart.doctor.capture.trace import Trace, recording
from headstart.doctor.records import Crash, Ending, Place

_OURS = str(Path(__file__).resolve().parents[1])


class StopHere(BaseException):
    """Ends the user's script after the diagnosis; no `except Exception` of theirs catches it."""


@dataclass(frozen=True)
class Outcome:
    """How a script ended.

    Attributes:
        ending: "fit", "end", "exit" or "error".
        crash: The exception, for "error".
        note: What is worth saying of it, else empty.
        error: The exception itself, for rules that know it.
    """

    ending: Ending
    crash: Crash | None = None
    note: str = ""
    error: BaseException | None = None


def run(units: Sequence[Unit], script: str, args: Sequence[str], trace: Trace) -> Outcome:
    """Runs the units one after the other in one namespace, as Python would run the script."""
    main = ModuleType("__main__")
    main.__dict__["__builtins__"] = __builtins__
    if not script.endswith(".ipynb"):
        main.__file__ = script
    trace.facts["main"] = main.__dict__
    with _as_main(main, script, args), recording(trace):
        try:
            for unit in units:
                exec(unit.code(), main.__dict__)
        except StopHere:
            return Outcome("fit")
        except SystemExit as stop:
            if trace.facts.get("stopped"):
                return Outcome("fit")
            code = stop.code
            note = "" if code in (None, 0) else f"the script ended itself with sys.exit({code!r})"
            return Outcome("exit", note=note)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if trace.facts.get("stopped"):
                return Outcome("fit")
            return Outcome("error", crash_of(error, trace.files), reading_of(error), error)
    return Outcome("fit" if trace.facts.get("stopped") else "end")


@contextlib.contextmanager
def _as_main(main: ModuleType, script: str, args: Sequence[str]) -> Iterator[None]:
    before = sys.modules.get("__main__"), sys.argv, sys.path[:], Path.cwd()
    loaded = set(sys.modules)
    sys.modules["__main__"] = main
    sys.argv = [script, *args]
    folder = str(Path(script).resolve().parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        if before[0] is not None:
            sys.modules["__main__"] = before[0]
        sys.argv, sys.path[:] = before[1], before[2]
        with contextlib.suppress(OSError):
            os.chdir(before[3])
        oldnames.forget()
        # Modules beside the script may share names with those of the next script.
        for name in set(sys.modules) - loaded:
            origin = getattr(sys.modules.get(name), "__file__", None)
            if origin and str(Path(origin).resolve()).startswith(folder + os.sep):
                del sys.modules[name]


def crash_of(error: BaseException, files: UserFiles) -> Crash:
    """An exception as the user would have seen it, without the doctor's own frames."""
    place = place_of(error, files)
    told = traceback.TracebackException(type(error), error, _users_part(error.__traceback__, files))
    _without_ours(told)
    return Crash(type(error).__name__, str(error), place, "".join(told.format()))


def _without_ours(told: traceback.TracebackException | None) -> None:
    """Takes the doctor's frames out of a traceback and of those that led to it."""
    while told is not None:
        ours = [frame for frame in told.stack if frame.filename.startswith(_OURS)]
        told.stack[:] = [frame for frame in told.stack if frame not in ours]
        _without_ours(told.__cause__)
        told = told.__context__


def place_of(error: BaseException, files: UserFiles) -> Place | None:
    """The innermost place in the user's files that an exception passed through."""
    if isinstance(error, SyntaxError) and error.filename and files.named(error.filename):
        line = error.lineno or 1
        column = error.offset or 1
        return Place(
            files.named(error.filename) or error.filename,
            line,
            column,
            max(error.end_offset or 0, column + 1),
            cell=files.cells.get(error.filename),
        )
    found: Place | None = None
    step = error.__traceback__
    while step is not None:
        place = files.of_traceback(step.tb_frame.f_code, step.tb_lasti, step.tb_lineno)
        found = place or found
        step = step.tb_next
    return found


def _users_part(step: TracebackType | None, files: UserFiles) -> TracebackType | None:
    while step is not None and files.named(step.tb_frame.f_code.co_filename) is None:
        step = step.tb_next
    return step
