"""A run measured on other labelled pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from headstart.core.errors import PicturesError
from headstart.core.progress import Silence, Voice
from headstart.pictures import open_pictures
from headstart.runs.folder import Run
from headstart.runs.metrics import Metrics, measure
from headstart.use.trained import load


def evaluate_run(run: Run, source: Path, voice: Voice | None = None) -> Metrics:
    """Measures a run on labelled pictures; classes are matched by name.

    Args:
        run: From `open_run`.
        source: Labelled pictures, in any layout that training takes; every part of it counts.
        voice: Told the layout, the progress and what was skipped.

    Raises:
        PicturesError: If the pictures have a class that the run does not know.
    """
    voice = voice or Silence()
    pictures = open_pictures(source)
    voice.say(pictures.layout)
    place = {name: index for index, name in enumerate(run.class_names)}
    unknown = [name for name in pictures.class_names if name not in place]
    if unknown:
        raise PicturesError(
            f"The pictures' classes must be among the run's: {', '.join(run.class_names)}",
            f"{', '.join(map(repr, unknown))} in {source}",
            "rename those folders or labels, or leave them out",
        )
    trained = load(run)
    features = trained.features(pictures.paths, voice)
    for one in features.skipped:
        voice.warn(f"skipped {one.path}: {one.reason}")
    labels = np.array(
        [place[pictures.class_names[label]] for label in pictures.labels[features.kept]], np.int64
    )
    return measure(trained.probabilities(features), labels, run.class_names)
