"""Pictures in, classes and probabilities out; a bad file becomes a row with its error."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from headstart.core import atomic
from headstart.core.errors import PicturesError, SettingsError
from headstart.core.progress import Silence, Voice
from headstart.pictures import list_files
from headstart.runs.folder import Run
from headstart.use.trained import load


@dataclass(frozen=True)
class Prediction:
    """The answer for one file.

    Attributes:
        path: The file.
        label: The class, or '' where the file could not be read.
        confidence: Its probability; 0 where there is none.
        probabilities: Of every class in the run's order; empty where there are none.
        error: Why the file could not be read, or ''.
    """

    path: Path
    label: str
    confidence: float
    probabilities: tuple[float, ...]
    error: str = ""


def predict_files(run: Run, given: Sequence[Path], voice: Voice | None = None) -> tuple[Prediction, ...]:
    """Classifies files and folders of pictures.

    Args:
        run: From `open_run`.
        given: Files, and folders that are searched for pictures.
        voice: Told the progress.

    Raises:
        PicturesError: If a path does not exist, or a folder holds no picture.
    """
    voice = voice or Silence()
    files = list_files(list(given))
    if not files:
        raise PicturesError(
            "predict takes picture files, or folders that hold some",
            ", ".join(str(path) for path in given) or "no path",
            "give at least one picture",
        )
    trained = load(run)
    try:
        features = trained.features(files, voice)
    except PicturesError:
        # Not one of them is readable: a row of errors then, as for one bad file among good ones.
        return tuple(_unreadable(trained.trunk.recipe, file) for file in files)
    found: dict[int, Prediction] = {}
    for index, row in zip(features.kept.tolist(), trained.probabilities(features), strict=True):
        best = int(row.argmax())
        found[index] = Prediction(
            files[index], run.class_names[best], float(row[best]), tuple(float(p) for p in row)
        )
    left = iter(features.skipped)
    return tuple(
        found[i] if i in found else Prediction(file, "", 0.0, (), next(left).reason)
        for i, file in enumerate(files)
    )


def _unreadable(recipe, file: Path) -> Prediction:  # type: ignore[no-untyped-def]
    from headstart.features.decoding import read_source
    from headstart.pictures import Unreadable

    try:
        read_source(file, recipe)
    except Unreadable as error:
        return Prediction(file, "", 0.0, (), str(error))
    return Prediction(file, "", 0.0, (), "unreadable when it was first tried")


def write_predictions(predictions: Sequence[Prediction], class_names: Sequence[str], output: Path) -> None:
    """Writes predictions to a .csv or .json file, whole or not at all.

    Raises:
        SettingsError: If the file's suffix is another, or it cannot be written.
    """
    check_output(output)
    try:
        with atomic.new_file(output) as part, part.open("w", encoding="utf-8", newline="") as file:
            if output.suffix.lower() == ".json":
                rows = [as_dict(one, class_names) for one in predictions]
                json.dump(rows, file, indent=1, ensure_ascii=False)
                file.write("\n")
            else:
                write_csv(predictions, class_names, file)
    except OSError as error:
        raise SettingsError(
            "--output must be a file that can be written",
            f"{output} ({error.strerror})",
            "choose another place",
        ) from error


def check_output(output: Path) -> None:
    """Raises SettingsError where `output` is neither .csv nor .json; before any long work."""
    if output.suffix.lower() not in (".csv", ".json"):
        raise SettingsError("--output must end in .csv or .json", str(output), "give such a name")
    if not output.resolve().parent.is_dir():
        raise SettingsError(
            "--output must lie in a folder that exists", str(output), "make that folder first"
        )


def write_csv(predictions: Sequence[Prediction], class_names: Sequence[str], file: TextIO) -> None:
    """Writes a header and a row for each file."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["path", "predicted", "confidence", *(f"p_{name}" for name in class_names), "error"])
    for one in predictions:
        numbers = [f"{p:.7g}" for p in one.probabilities] or [""] * len(class_names)
        writer.writerow(
            [one.path, one.label, f"{one.confidence:.7g}" if one.label else "", *numbers, one.error]
        )


def as_dict(one: Prediction, class_names: Sequence[str]) -> dict[str, object]:
    """A prediction in the form of the JSON file; what is missing is null."""
    return {
        "path": str(one.path),
        "predicted": one.label or None,
        "confidence": one.confidence if one.label else None,
        "probabilities": dict(zip(class_names, one.probabilities, strict=True))
        if one.probabilities
        else None,
        "error": one.error or None,
    }
