"""What an interruption and a second process cost: a run killed half-way, and two runs at once on one store.

    python bench/interrupted.py PICTURES [--backbone vgg19 --weights FILE] [--after 0.4]

Three times `headstart train`, each with stores of its own: undisturbed; killed (SIGKILL, no chance to tidy up) when about
the given share of the pictures is in the store, and then the same command again; two of them started together on one store.
The metrics of all must be the same to the last digit, and no picture may go through the trunk more than twice.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from _report import machine, write_section

SAME = ("accuracy", "balanced_accuracy", "log_loss", "calibration_error", "confusion", "classes", "head")
"""What of metrics.json must not depend on how the features came to be."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("pictures")
    parser.add_argument("--backbone", default="efficientnet-lite0")
    parser.add_argument("--weights")
    parser.add_argument("--after", type=float, default=0.4)
    options = parser.parse_args()
    command = [sys.executable, "-m", "headstart", "train", options.pictures, "--backbone", options.backbone]
    if options.weights:
        command += ["--weights", str(Path(options.weights).resolve())]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        alone = finished(start(command, root / "alone", "run"), root / "alone" / "run")
        total = alone["features"]["computed"]

        before = killed(start(command, root / "killed", "run"), root / "killed", int(total * options.after))
        resumed = finished(start(command, root / "killed", "again"), root / "killed" / "again")

        both = [start(command, root / "both", name) for name in ("one", "two")]
        pair = [finished(one, root / "both" / name) for one, name in zip(both, ("one", "two"), strict=True)]
    rows = [
        ("undisturbed", alone, ""),
        ("killed, then the same command again", resumed, f"{before:,} were in the store when it was killed"),
        ("two at once, the first", pair[0], ""),
        ("two at once, the second", pair[1], f"together {sum(computed(one) for one in pair):,} passes"),
    ]
    lines = [
        f"## Interruptions: {options.backbone}",
        "",
        f"Made by `python bench/interrupted.py PICTURES --backbone {options.backbone}` on {total:,} pictures. "
        + machine(),
        "",
        "| run | trunk passes | found in the store | metrics as undisturbed | |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, found, remark in rows:
        same = "yes" if all(found.get(key) == alone.get(key) for key in SAME) else "NO"
        lines.append(f"| {name} | {computed(found):,} | {found['features']['found']:,} | {same} | {remark} |")
    print("\n".join(lines))
    write_section(f"interrupted {options.backbone}", "\n".join(lines))


def start(command: list[str], folder: Path, name: str) -> subprocess.Popen[bytes]:
    """Starts a run with its store and its run folder in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [*command, "--output", str(folder), "--name", name],
        env={**os.environ, "HEADSTART_HOME": str(folder / "home")},
        stdout=subprocess.DEVNULL,
    )


def finished(process: subprocess.Popen[bytes], run: Path) -> dict[str, Any]:
    """The metrics of a run that must end well."""
    if process.wait() != 0:
        raise SystemExit(f"{run} ended with status {process.returncode}")
    found: dict[str, Any] = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    return found


def killed(process: subprocess.Popen[bytes], folder: Path, wanted: int) -> int:
    """Kills a run when about so many features are in its store; gives how many there were."""
    database = next_database(folder / "home", process)
    while process.poll() is None:
        if rows_in(database) >= wanted:
            process.kill()
            process.wait()
            return rows_in(database)
        time.sleep(0.05)
    raise SystemExit("the run ended before it could be killed: choose a smaller --after")


def next_database(home: Path, process: subprocess.Popen[bytes]) -> Path:
    while process.poll() is None:
        found = list(home.glob("*.sqlite*")) if home.is_dir() else []
        found = [path for path in found if path.suffix in (".sqlite", ".sqlite3")]
        if found:
            return found[0]
        time.sleep(0.05)
    raise SystemExit("the run ended before its store was there")


def rows_in(database: Path) -> int:
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5) as connection:
            return int(connection.execute("SELECT COUNT(*) FROM features").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def computed(metrics: dict[str, Any]) -> int:
    return int(metrics["features"]["computed"])


if __name__ == "__main__":
    main()
