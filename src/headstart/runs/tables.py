"""The run's CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart.heads.records import Epoch
from headstart.pictures.records import Skipped, Split


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a CSV file: UTF-8, comma, a header line; floats with seven digits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([f"{v:.7g}" if isinstance(v, float) else v for v in row] for row in rows)


def write_predictions(
    path: Path,
    paths: Sequence[Path],
    labels: NDArray[np.int64],
    class_names: Sequence[str],
    parts: Sequence[tuple[str, NDArray[np.int64], NDArray[np.float64]]],
) -> None:
    """Writes predictions.csv: a row for each picture that the head was not trained on.

    Args:
        path: The file.
        paths: All pictures.
        labels: Their classes.
        class_names: The classes' names.
        parts: Name of a part, the indices of its pictures, and their probabilities (n, classes).
    """
    header = ["path", "part", "label", "predicted", "confidence", *(f"p_{name}" for name in class_names)]
    rows = (
        [
            paths[index],
            part,
            class_names[labels[index]],
            class_names[int(row.argmax())],
            float(row.max()),
            *(float(p) for p in row),
        ]
        for part, indices, probabilities in parts
        for index, row in zip(indices, probabilities, strict=True)
    )
    write_csv(path, header, rows)


def write_history(path: Path, epochs: Sequence[Epoch]) -> None:
    """Writes history.csv, with the column names of Keras's History; no rows where there were no epochs."""
    rows = ((e.number, e.loss, e.accuracy, e.val_loss, e.val_accuracy) for e in epochs)
    write_csv(path, ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"], rows)


def write_split(
    path: Path, paths: Sequence[Path], labels: NDArray[np.int64], class_names: Sequence[str], split: Split
) -> None:
    """Writes split.csv: each readable picture, its class and its part, which may be 'dropped'."""
    part_of = np.full(len(paths), "dropped", dtype="U10")
    for name in ("train", "validation", "test"):
        part_of[getattr(split, name)] = name
    write_csv(
        path,
        ["path", "label", "part"],
        ((p, class_names[label], part) for p, label, part in zip(paths, labels, part_of, strict=True)),
    )


def write_skipped(path: Path, skipped: Sequence[Skipped]) -> None:
    """Writes skipped.csv: each file that was left out, with its reason."""
    write_csv(path, ["path", "reason"], ((one.path, one.reason) for one in skipped))
