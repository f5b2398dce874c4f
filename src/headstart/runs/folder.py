"""The run folder: written whole or not at all, read with every doubt cleared first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.core import atomic, hashing
from headstart.core.errors import RunError
from headstart.features.records import Maker
from headstart.pictures.records import Recipe
from headstart.runs.last import follow
from headstart.runs.versions import headstart_version

FORMAT = 1
"""Raised whenever an older headstart could not read a run any more."""
MODEL, LABELS, MANIFEST = "model.keras", "labels.json", "run.json"


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        folder: The run folder.
        class_names: Classes in the order of the model's outputs.
        maker: What computed the features that the head was trained on.
        metrics: The content of metrics.json.
    """

    folder: Path
    class_names: tuple[str, ...]
    maker: Maker
    metrics: Mapping[str, Any]

    @property
    def model_path(self) -> Path:
        """The saved Keras model."""
        return self.folder / MODEL

    @property
    def report_path(self) -> Path:
        """The report."""
        return self.folder / "report.html"


def write_manifest(
    folder: Path, class_names: tuple[str, ...], maker: Maker, others: tuple[str, ...] = ()
) -> None:
    """Writes labels.json and run.json, the last of all files: what it takes to use and to check a run.

    Args:
        folder: The run folder, with the model.
        class_names: Classes in the order of the model's outputs.
        maker: What computed the features.
        others: Further files that it takes, whose hashes are kept as well.
    """
    recipe = maker.recipe
    labels = {"class_names": list(class_names)}
    atomic.write_text(folder / LABELS, json.dumps(labels, indent=2, ensure_ascii=False) + "\n")
    manifest = {
        "format": FORMAT,
        "headstart": headstart_version(),
        "maker": {
            "trunk": maker.trunk,
            "backbone": maker.backbone,
            "width": maker.width,
            "engine": maker.engine,
            "precision": maker.precision,
        },
        "recipe": {
            "width": recipe.width,
            "height": recipe.height,
            "interpolation": recipe.interpolation,
            "version": recipe.version,
        },
        "sha256": {name: hashing.of_file(folder / name) for name in (MODEL, LABELS, *others)},
    }
    atomic.write_text(folder / MANIFEST, json.dumps(manifest, indent=2) + "\n")


def open_run(path: Path) -> Run:
    """Reads a run folder, and holds its model against the hash that was written with it.

    Args:
        path: The folder, or 'runs/last'.

    Raises:
        RunError: If it is no run, was made by a newer headstart, or was changed since.
    """
    folder = follow(path)
    manifest = _read_json(folder, MANIFEST, path)
    if not isinstance(manifest.get("format"), int) or "sha256" not in manifest:
        raise _no_run(path, f"a {MANIFEST} that headstart did not write")
    if manifest["format"] > FORMAT:
        raise RunError(
            f"This headstart reads runs up to format {FORMAT}",
            f"{path} in format {manifest['format']}, made by headstart {manifest.get('headstart')}",
            "use that version, or train again with this one",
        )
    for name, expected in manifest["sha256"].items():
        file = folder / Path(name).name
        found = hashing.of_file(file) if file.is_file() else "no such file"
        if found != expected:
            raise RunError(
                f"{name} of a run must be as it was written, SHA-256 {expected}",
                f"{file} with {found}",
                "restore the file, or train again",
            )
    try:
        maker = Maker(recipe=Recipe(**manifest["recipe"]), **manifest["maker"])
        class_names = tuple(_read_json(folder, LABELS, path)["class_names"])
    except (KeyError, TypeError) as error:
        raise _no_run(path, f"a {MANIFEST} or {LABELS} that lacks {error}") from error
    return Run(folder, class_names, maker, _read_json(folder, "metrics.json", path))


def _read_json(folder: Path, name: str, given: Path) -> dict[str, Any]:
    if not given.exists() and not folder.exists():
        raise RunError(
            "RUN must be a run folder, or runs/last",
            f"{given} (no such folder)",
            "give the path that training printed",
        )
    try:
        found = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _no_run(given, f"a folder without a readable {name}") from error
    if not isinstance(found, dict):
        raise _no_run(given, f"a {name} that headstart did not write")
    return found


def _no_run(path: Path, why: str) -> RunError:
    return RunError(
        "RUN must be a folder that `headstart train` wrote",
        f"{path} ({why})",
        "give the path that training printed",
    )
