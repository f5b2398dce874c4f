"""Examines a script in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from headstart.doctor.records import Diagnosis
from headstart.doctor.reporters.json import diagnosis_from
from headstart.doctor.rules import pick

GRACE = 5.0
"""Seconds that a process gets to end by itself once its diagnosis is written."""


def examine(
    script: str | Path,
    args: Sequence[str] = (),
    *,
    python: str | None = None,
    through: bool = False,
    timeout: float | None = None,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    folder: str | Path | None = None,
    output: IO[Any] | int | None = None,
) -> Diagnosis:
    """Runs a Keras script as `__main__` in a child process, and says what is wrong with its training.

    Args:
        script: A Python file or a notebook.
        args: What the script finds in `sys.argv[1:]`.
        python: The interpreter to run it with; this one if None. It must be able to import headstart.
        through: Whether to let it train and watch on to the end; else it ends at its first fit.
        timeout: Seconds after which it is ended; None for no limit.
        select: Rules or groups to ask; empty for all.
        ignore: Rules or groups to leave out.
        folder: The working directory; the current one if None.
        output: Where the script's own output goes: a file, a descriptor, or None for standard error.

    Raises:
        SettingsError: If `select` or `ignore` names no rule and no group.
    """
    started = time.perf_counter()
    if select or ignore:
        pick(select, ignore)  # A misspelt name is said before anything runs.
    if folder is not None:
        script = Path(script).resolve()  # The child does not start where the path was written.
    with tempfile.TemporaryDirectory(prefix="headstart-doctor-") as scratch:
        result = Path(scratch) / "diagnosis.json"
        job = {
            "script": str(script),
            "args": list(args),
            "through": through,
            "select": list(select),
            "ignore": list(ignore),
            "result": str(result),
        }
        module = "headstart.doctor.capture.child"
        target = sys.stderr if output is None else output
        child = start_child(module, job, python or sys.executable, folder, target)
        ended = _wait(child, result, timeout, through)
        diagnosis = _read(result, str(script), ended, child.returncode, timeout)
    total = time.perf_counter() - started
    return _timed(diagnosis, total)


def start_child(
    module: str, job: dict[str, Any], python: str, folder: str | Path | None, output: IO[Any] | int
) -> subprocess.Popen[bytes]:
    """Starts a module of ours with a job, in a process group of its own and with nothing to read."""
    environment = dict(os.environ)
    source = str(Path(__file__).resolve().parents[2])
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [environment.get("PYTHONPATH"), source]))
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    environment.setdefault("PYTHONUNBUFFERED", "1")
    # A group of its own, so that whatever the script starts can be ended with it.
    apart: dict[str, Any] = (
        {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
        if os.name == "nt"
        else {"start_new_session": True}
    )
    try:
        output_target: Any = output if isinstance(output, int) else output.fileno()
    except (AttributeError, OSError, ValueError):
        output_target = subprocess.DEVNULL
    return subprocess.Popen(
        [python, "-m", module, json.dumps(job)],
        stdin=subprocess.DEVNULL,
        stdout=output_target,
        stderr=output_target,
        cwd=folder,
        env=environment,
        **apart,
    )


def _wait(child: subprocess.Popen[bytes], result: Path, timeout: float | None, through: bool) -> str:
    """Waits for the child, for the time limit, or for a diagnosis that its process outlives."""
    deadline = None if timeout is None else time.monotonic() + timeout
    written: float | None = None
    try:
        while True:
            try:
                child.wait(0.05)
                return "ended"
            except subprocess.TimeoutExpired:
                now = time.monotonic()
                if written is None and result.exists():
                    written = now
                if written is not None and now > written + GRACE and not through:
                    return "ended"
                if deadline is not None and now > deadline:
                    return "timeout"
    finally:
        _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ends the child and everything that it started and left in its group."""
    if os.name == "nt":
        if child.poll() is None:
            subprocess.run(["taskkill", "/F", "/T", "/PID", str(child.pid)], capture_output=True, check=False)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _read(result: Path, script: str, ended: str, code: int | None, timeout: float | None) -> Diagnosis:
    if result.exists():
        return diagnosis_from(json.loads(result.read_text(encoding="utf-8")))
    if ended == "timeout":
        note = f"the script had not come to a fit after {timeout:g} seconds and was ended; raise --timeout"
        return Diagnosis(script, (), "timeout", note)
    note = f"the script's process ended with status {code} before anything could be measured"
    if code is not None and code < 0:
        note = f"the script's process was ended by signal {-code} before anything could be measured"
    return Diagnosis(script, (), "killed", note)


def _timed(diagnosis: Diagnosis, total: float) -> Diagnosis:
    from dataclasses import replace

    return replace(diagnosis, seconds={**diagnosis.seconds, "total": total})
