"""A short process of its own that exports a saved Keras model on another Keras backend."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from headstart.core.errors import EngineError

LAST_LINES = 3
"""How many of the last lines that the child process said go into an error."""

LONGEST = 480
"""How many characters of a cause go into an error."""


def export(kind: str, backend: str, name: str, saved: Path, graph: Path) -> None:
    """Runs the `export_child` of an engine and waits for it.

    Args:
        kind: The engine's name for people; in small letters it is the name of its package here.
        backend: The Keras backend that the child is to export on.
        name: What to call the model in an error.
        saved: A .keras file.
        graph: Where the graph is to be written.

    Raises:
        EngineError: If the child does not bring it about.
    """
    here = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (here, os.environ.get("PYTHONPATH")) if part)
    done = subprocess.run(
        [sys.executable, "-m", f"headstart.engines.{kind.lower()}.export_child", str(saved), str(graph)],
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0 or not graph.is_file():
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise failed(kind, name, " ".join(said[-LAST_LINES:]) or f"exit status {done.returncode}")


def failed(kind: str, name: str, cause: str) -> EngineError:
    """The error where a model cannot be exported."""
    return EngineError(
        f"The {kind} engine runs models that Keras can export to {kind}",
        f"model {name!r}, whose export failed ({_shortened(cause)})",
        "use the Keras engine (--engine keras), or replace the layer that is named",
    )


def _shortened(cause: str) -> str:
    """Both ends of a long message: Keras puts the kind of error first, and the layer that caused it last."""
    return cause if len(cause) <= LONGEST else f"{cause[: LONGEST // 3]} ... {cause[-LONGEST * 2 // 3 :]}"
