"""Trains the original and the repaired script for the same short budget, and sets both ends side by side."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.doctor.repair.patch import Patch


@dataclass(frozen=True)
class End:
    """How one of the two ended.

    Attributes:
        logs: The last epoch's numbers, such as loss and val_accuracy.
        first: Those of the first epoch.
        epochs: Epochs that were trained.
        seconds: Wall time in `fit`.
        error: Why there are no numbers, or empty.
    """

    logs: dict[str, float]
    first: dict[str, float]
    epochs: int
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class Proof:
    """The original beside the repaired."""

    before: End
    after: End
    budget: str


def prove(
    script: str,
    args: Sequence[str],
    made: Sequence[Patch],
    *,
    epochs: int = 3,
    steps: int | None = None,
    timeout: float | None = None,
    python: str | None = None,
    folder: str | Path | None = None,
) -> Proof:
    """Runs both in child processes, each `fit` capped alike; the user's files are left alone.

    The repaired one runs from a copy of the script beside it in a temporary folder, with the script's own
    folder on the path.

    Args:
        epochs: The most epochs of a fit.
        steps: The most steps of an epoch, or None for all.
        timeout: Seconds for each of the two.
    """
    before = _run(script, script, args, epochs, steps, timeout, python, folder)
    patch = next((p for p in made if p.file == script and p.cell is None), None)
    if patch is None:
        return Proof(
            before, End({}, {}, 0, 0.0, "no edit of the script itself to prove"), _budget(epochs, steps)
        )
    with tempfile.TemporaryDirectory(prefix="headstart-prove-") as scratch:
        copy = Path(scratch) / Path(script).name
        copy.write_bytes(patch.after.encode("utf-8"))
        after = _run(str(copy), script, args, epochs, steps, timeout, python, folder)
    return Proof(before, after, _budget(epochs, steps))


def _budget(epochs: int, steps: int | None) -> str:
    return f"at most {epochs} epochs" + (f" of {steps} steps" if steps else "")


def _run(
    run: str,
    script: str,
    args: Sequence[str],
    epochs: int,
    steps: int | None,
    timeout: float | None,
    python: str | None,
    folder: str | Path | None,
) -> End:
    from headstart.doctor.examination import _end, start_child

    with tempfile.TemporaryDirectory(prefix="headstart-prove-") as scratch:
        result = Path(scratch) / "end.json"
        job: dict[str, Any] = {
            "run": run,
            "script": script,
            "args": list(args),
            "epochs": epochs,
            "steps": steps,
            "result": str(result),
        }
        child = start_child(
            "headstart.doctor.repair.budget", job, python or sys.executable, folder, subprocess.DEVNULL
        )
        try:
            child.wait(timeout)
        except subprocess.TimeoutExpired:
            return End({}, {}, 0, 0.0, f"not done after {timeout:g} seconds")
        finally:
            _end(child)
        if not result.exists():
            return End({}, {}, 0, 0.0, f"its process ended with status {child.returncode}")
        found = json.loads(result.read_text(encoding="utf-8"))
    return End(found["logs"], found["first"], found["epochs"], found["seconds"], found["error"])


def table(proof: Proof) -> str:
    """Both ends as a table."""
    keys = [*dict.fromkeys([*proof.before.logs, *proof.after.logs])]
    width = max([len(key) for key in keys] + [12])
    lines = [f"{'':{width}}  {'original':>12}  {'repaired':>12}   ({proof.budget})"]
    for key in keys:
        cells = [f"{end.logs[key]:.4f}" if key in end.logs else "-" for end in (proof.before, proof.after)]
        lines.append(f"{key:{width}}  {cells[0]:>12}  {cells[1]:>12}")
    lines.append(f"{'seconds':{width}}  {proof.before.seconds:>12.1f}  {proof.after.seconds:>12.1f}")
    for name, end in (("original", proof.before), ("repaired", proof.after)):
        if end.error:
            lines.append(f"{name}: {end.error}")
    return "\n".join(lines)
