"""A finished run told as a report."""

from __future__ import annotations

import dataclasses
import datetime
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart.features.decoding import read_source
from headstart.features.records import Features
from headstart.heads.records import Head
from headstart.pictures import Pictures, Split, Unreadable
from headstart.pictures.records import Recipe, Skipped
from headstart.runs import report
from headstart.runs.agreement import Agreement
from headstart.runs.metrics import CurvePoint, Metrics
from headstart.runs.settings import Settings
from headstart.runs.versions import versions

MISTAKES = 24
TWINS = 12
THUMBNAIL = Recipe(112, 112, "bilinear")


def tell(
    *,
    settings: Settings,
    pictures: Pictures,
    features: Features,
    split: Split,
    head: Head,
    weights: str,
    part: str,
    indices: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    metrics: Metrics,
    curve: Sequence[CurvePoint],
    agreement: Agreement,
    skipped: Sequence[Skipped],
    seconds: dict[str, float],
    total: float,
    run: Path,
    notes: Sequence[str],
) -> report.ReportData:
    """Gathers what the report shows; thumbnails are read from the user's pictures."""
    maker = features.maker
    return report.ReportData(
        title=pictures.root.resolve().name,
        created=datetime.datetime.now().astimezone(),
        version=versions()["headstart"],
        run=str(run),
        part=part,
        metrics=metrics,
        made=report.Made(
            backbone=maker.backbone,
            weights=weights,
            engine=f"{maker.engine}, {os.cpu_count()} processors",
            precision=" · ".join([maker.precision, *features.notes]),
            head=describe(head),
            layout=pictures.layout,
            split=split.origin,
            train=len(split.train),
            validation=len(split.validation),
            test=len(split.test),
            width=maker.recipe.width,
            height=maker.recipe.height,
        ),
        notes=tuple(notes),
        epochs=tuple(
            report.Epoch(e.number, e.loss, e.val_loss, e.accuracy, e.val_accuracy) for e in head.epochs
        ),
        best_epoch=int(head.chosen["best_epoch"]) if "best_epoch" in head.chosen else None,
        learning_curve=tuple(curve),
        mistakes=_mistakes(pictures, indices, probabilities),
        twins=_twins(pictures, split),
        twins_found=len(split.twins),
        twins_moved=split.moved,
        skipped=tuple(skipped),
        stages=tuple(report.Stage(name, spent) for name, spent in seconds.items()),
        seconds=total,
        agreement=report.Agreement(
            agreement.n,
            agreement.largest,
            agreement.changed,
            agreement.bound,
            f"the same head on features in {agreement.precision}"
            if maker.format == "int8"
            else "the pipeline that trained it",
        ),
        settings=tuple((name, str(value)) for name, value in dataclasses.asdict(settings).items()),
        versions=tuple(versions().items()),
    )


def describe(head: Head) -> str:
    """How a head was trained, in a line."""
    temperature = f"temperature {head.chosen.get('temperature', 1.0):.2f}"
    if head.kind == "linear":
        how = (
            f"cross-validated in {head.chosen['folds']:.0f} folds"
            if head.chosen["folds"]
            else "too few pictures to choose"
        )
        return f"logistic regression, strength {head.chosen['strength']:.2g} ({how}), {temperature}"
    if head.kind == "fine-tuned":
        best = f"{head.chosen['best_epoch']:.0f} of {len(head.epochs)}"
        return f"trained together with the backbone's last part, epoch {best} kept, {temperature}"
    sizes = " · ".join(str(len(layer.bias)) for layer in head.layers)
    return f"dense layers {sizes}, best of {len(head.epochs)} epochs, {temperature}"


def _mistakes(
    pictures: Pictures, indices: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> tuple[report.Mistake, ...]:
    predicted = probabilities.argmax(axis=1)
    labels = pictures.labels[indices]
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES]
    return tuple(
        report.Mistake(
            file=_short(pictures, int(indices[i])),
            true=pictures.class_names[labels[i]],
            predicted=pictures.class_names[predicted[i]],
            confidence=float(confidence[i]),
            thumbnail=_thumbnail(pictures.paths[indices[i]]),
        )
        for i in worst
    )


def _twins(pictures: Pictures, split: Split) -> tuple[report.Twin, ...]:
    found = []
    for pair in split.twins[:TWINS]:
        names = [pictures.class_names[pictures.labels[i]] for i in (pair.first, pair.second)]
        found.append(
            report.Twin(
                first=_short(pictures, pair.first),
                second=_short(pictures, pair.second),
                first_thumbnail=_thumbnail(pictures.paths[pair.first]),
                second_thumbnail=_thumbnail(pictures.paths[pair.second]),
                kind=pair.kind,
                similarity=pair.similarity,
                note="" if names[0] == names[1] else f"labelled {names[0]} and {names[1]}",
            )
        )
    return tuple(found)


def _short(pictures: Pictures, index: int) -> str:
    path = pictures.paths[index]
    base = pictures.root if pictures.root.is_dir() else pictures.root.parent
    return str(path.relative_to(base)) if path.is_relative_to(base) else str(path)


def _thumbnail(path: Path) -> str:
    try:
        return report.thumbnail(read_source(path, THUMBNAIL).pixels)
    except Unreadable:
        # It was readable when it was decoded; somebody removed it since. The report does without.
        return report.thumbnail(np.full((THUMBNAIL.height, THUMBNAIL.width, 3), 255, np.uint8))
