"""The linear head on more features than memory should hold: seconds and peak memory of its training.

    python bench/large_head.py [--rows 1000000] [--classes 10] [--folder FOLDER]

Features are synthetic, 1,280 numbers in float32, written to a file in FOLDER (5 GB for 1,000,000 rows; a folder for
temporary files by default) and mapped, as a run maps its own. Their training runs in a process of its own. What is
counted is anonymous memory (RssAnon of /proc, looked at 50 times a second), that is, what cannot be given back: pages of
the mapped file come and go as the system has room, and are counted apart. Linux only.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from _report import machine, write_section

WIDTH = 1280
CHUNK = 10_000
HIDDEN = 64
"""Directions in which synthetic features vary together, as real ones do."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--classes", type=int, nargs="+", default=[2, 10])
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--child", nargs=3)
    options = parser.parse_args()
    if options.child:
        return child(Path(options.child[0]), int(options.child[1]), int(options.child[2]))
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        need, free = options.rows * WIDTH * 4, shutil.disk_usage(folder).free
        if need > 0.9 * free:
            raise SystemExit(f"{need / 1e9:.1f} GB are needed in {folder}, {free / 1e9:.1f} GB are free")
        lines = [
            "## Features beyond memory",
            "",
            f"Made by `python bench/large_head.py`: the linear head on {options.rows:,} x {WIDTH:,} synthetic features"
            f" ({need / 1e9:.1f} GB in a mapped file). Memory is what the process holds and cannot give back"
            " (anonymous pages); pages of the mapped file are the system's to keep or to drop. " + machine(),
            "",
            "| classes | strength, sampled | passes over the rows | seconds | of them for the sample | peak memory, MB"
            " | before training, MB | mapped at most, MB | accuracy on unseen rows | of the sample's head |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        ]
        for classes in options.classes:
            make(Path(folder) / "rows.f32", options.rows, classes)
            command = [sys.executable, __file__, "--child", folder, str(options.rows), str(classes)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            found = json.loads(done.stdout.splitlines()[-1])
            lines.append(
                f"| {classes} | {found['strength']:.3g} | {found['passes']} | {found['seconds']:.0f}"
                f" | {found['sample']:.0f} | {found['peak']:.0f} | {found['before']:.0f} | {found['mapped']:.0f}"
                f" | {found['accuracy']:.4f} | {found['sample_accuracy']:.4f} |"
            )
            print(lines[-1], flush=True)
    if options.rows == 1_000_000:
        write_section("large head", "\n".join(lines))
    return None


def draw(rng: np.random.Generator, count: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Some rows and their classes, from the one distribution that the number of classes names."""
    own = np.random.default_rng(classes)
    centres = own.normal(size=(classes, WIDTH)).astype(np.float32) * np.float32(0.08)
    directions = own.normal(size=(HIDDEN, WIDTH)).astype(np.float32) * np.float32(0.3)
    labels = rng.integers(0, classes, count)
    rows = rng.standard_normal((count, WIDTH), np.float32)
    rows += rng.standard_normal((count, HIDDEN), np.float32) @ directions
    rows += centres[labels]
    return np.maximum(rows, 0, out=rows), labels


def make(file: Path, rows: int, classes: int) -> None:
    rng = np.random.default_rng(0)
    labels = []
    with file.open("wb") as out:
        for start in range(0, rows, CHUNK):
            x, y = draw(rng, min(CHUNK, rows - start), classes)
            out.write(x.tobytes())
            labels.append(y)
    np.save(file.with_name("labels.npy"), np.concatenate(labels))


def child(folder: Path, rows: int, classes: int) -> None:
    from headstart.heads import large
    from headstart.heads.linear import train_linear
    from headstart.heads.streamed import Objective

    x = np.memmap(folder / "rows.f32", np.float32, "r", shape=(rows, WIDTH))
    y = np.load(folder / "labels.npy")
    passes, first = [0], []
    once, sample = Objective.__call__, large._coefficients

    def counted(self: Objective, flat: np.ndarray) -> tuple[float, np.ndarray]:
        passes[0] += 1
        began = time.perf_counter()
        found = once(self, flat)
        print(f"pass {passes[0]}: {time.perf_counter() - began:.1f} s, loss {found[0]:.6f}", file=sys.stderr)
        return found

    def of_sample(*arguments: object) -> np.ndarray:
        first.append((arguments[0], time.perf_counter()))
        return sample(*arguments)  # type: ignore[arg-type]

    Objective.__call__ = counted  # type: ignore[method-assign]
    large._coefficients = of_sample  # type: ignore[assignment]
    before = status()
    peaks = {"RssAnon": 0.0, "RssFile": 0.0}
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            now = status()
            for name in peaks:
                peaks[name] = max(peaks[name], now[name])

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    head = train_linear(x, y, classes)
    seconds = time.perf_counter() - began
    done.set()
    watcher.join()
    unseen, truth = draw(np.random.default_rng(1), 20_000, classes)
    right = [float((one.probabilities(unseen).argmax(axis=1) == truth).mean()) for one in (head, first[0][0])]
    print(
        json.dumps(
            {
                "strength": head.chosen["strength"],
                "passes": passes[0],
                "seconds": seconds,
                "sample": first[0][1] - began,
                "peak": peaks["RssAnon"],
                "before": before["RssAnon"],
                "mapped": peaks["RssFile"],
                "accuracy": right[0],
                "sample_accuracy": right[1],
            }
        )
    )


def status() -> dict[str, float]:
    """Resident memory of this process by kind, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return {line.split(":")[0]: int(line.split()[1]) / 1e3 for line in lines if line.startswith("Rss")}


if __name__ == "__main__":
    main()
