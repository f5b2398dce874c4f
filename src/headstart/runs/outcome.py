"""What a run leaves: its measures, tables, report and settings, written into its folder."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.backbones import Trunk
from headstart.core import atomic
from headstart.core.clock import Clock
from headstart.core.threads import one_blas_thread
from headstart.features.records import Features
from headstart.heads.records import Head
from headstart.runs import folder as run_folder
from headstart.runs import report, story, tables
from headstart.runs.agreement import Agreement
from headstart.runs.curve import learning_curve
from headstart.runs.look import Data
from headstart.runs.metrics import CurvePoint, Metrics, measure
from headstart.runs.quantised import Effect
from headstart.runs.settings import Settings
from headstart.runs.tune import Tuning
from headstart.runs.versions import versions


def write_outcome(
    settings: Settings,
    data: Data,
    trunk: Trunk,
    head: Head,
    tuning: Tuning | None,
    agreement: Agreement,
    effect: Effect | None,
    graph: tuple[str, ...],
    folder: Path,
    target: Path,
    clock: Clock,
) -> Metrics:
    """Measures, and writes every file of the run folder; gives the headline part's metrics.

    Args:
        settings: Every setting.
        data: Pictures, features, split.
        trunk: The trunk that the model was made from.
        head: The head that it was made from.
        tuning: What fine-tuning did, if it was asked for.
        agreement: The saved model against the pipeline.
        effect: What int8 changed, where the features are in int8.
        graph: Files of the quantised graph, which are in the folder already.
        folder: Where to write.
        target: The name that the folder will take.
        clock: Counts the steps.
    """
    pictures, features, parted = data.pictures, data.features, data.split
    with clock.step("measure"), one_blas_thread():
        measured: dict[str, tuple[NDArray[np.int64], NDArray[np.float64], Metrics]] = {}
        for name in ("validation", "test"):
            indices = data.part(name)
            if len(indices):
                probabilities = head.probabilities(features.rows(indices))
                found = measure(
                    probabilities, pictures.labels[indices], pictures.class_names, seed=settings.seed
                )
                measured[name] = (indices, probabilities, found)
        # A test part that the user set aside is the harder promise, so it makes the headline.
        part = "test" if "test" in measured else "validation"
        indices, probabilities, metrics = measured[part]
        curve = _curve(settings, data, head, indices, metrics)
    skipped = (*pictures.skipped, *features.skipped)
    with clock.step("write tables and report"):
        tables.write_predictions(
            folder / "predictions.csv",
            pictures.paths,
            pictures.labels,
            pictures.class_names,
            [(name, own, p) for name, (own, p, _) in measured.items()],
        )
        tables.write_history(folder / "history.csv", head.epochs)
        tables.write_split(
            folder / "split.csv", pictures.paths, pictures.labels, pictures.class_names, parted
        )
        tables.write_skipped(folder / "skipped.csv", skipped)
        # The pictures' path is made absolute, so that --config repeats the run from any folder.
        config = replace(settings, pictures=str(Path(settings.pictures).resolve()))
        atomic.write_text(folder / "config.toml", config.as_toml())
        page = story.tell(
            settings=config,
            pictures=pictures,
            features=features,
            split=parted,
            head=head,
            weights=trunk.weights,
            part=part,
            indices=indices,
            probabilities=probabilities,
            metrics=metrics,
            curve=curve,
            agreement=agreement,
            skipped=skipped,
            seconds=clock.seconds,
            total=clock.total,
            run=target,
            notes=_notes(features, len(pictures), tuning, effect),
        )
        atomic.write_text(folder / "report.html", report.render(page))
    everything = _metrics_json(
        data, head, tuning, trunk, agreement, effect, part, measured, curve, len(skipped), clock
    )
    atomic.write_text(
        folder / "metrics.json", json.dumps(everything, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    )
    run_folder.write_manifest(folder, pictures.class_names, features.maker, graph)
    return metrics


def _notes(features: Features, seen: int, tuning: Tuning | None, effect: Effect | None) -> tuple[str, ...]:
    """What the reader of the report must not miss."""
    tuned = () if tuning is None else (tuning.note(),)
    if effect is not None:
        tuned = (*tuned, effect.note() + ".")
    if not features.stopped:
        return tuned
    return (
        *tuned,
        f"This run was ended by {features.stopped}: {seen:,} of {seen + features.unseen:,} pictures went"
        " through the backbone, and the head knows no others. The same command again goes on from there.",
    )


def _curve(
    settings: Settings, data: Data, head: Head, held: NDArray[np.int64], metrics: Metrics
) -> tuple[CurvePoint, ...]:
    """The learning curve of the linear head; another head would have to be trained anew for each point."""
    if head.kind != "linear":
        return ()
    y, train = data.pictures.labels, data.part("train")
    return learning_curve(
        data.features.rows(train),
        y[train],
        data.features.rows(held),
        y[held],
        len(data.pictures.class_names),
        strength=head.chosen["strength"],
        balanced=settings.class_weight == "balanced",
        seed=settings.seed,
        whole=CurvePoint(len(train), metrics.accuracy),
    )


def _metrics_json(
    data: Data,
    head: Head,
    tuning: Tuning | None,
    trunk: Trunk,
    agreement: Agreement,
    effect: Effect | None,
    part: str,
    measured: dict[str, tuple[NDArray[np.int64], NDArray[np.float64], Metrics]],
    curve: tuple[CurvePoint, ...],
    skipped: int,
    clock: Clock,
) -> dict[str, Any]:
    features, parted = data.features, data.split
    return {
        "part": part,
        **measured[part][2].as_dict(),
        "parts": {name: found.as_dict() for name, (_, _, found) in measured.items()},
        "learning_curve": [point.as_dict() for point in curve],
        "pictures": {
            "train": len(parted.train),
            "validation": len(parted.validation),
            "test": len(parted.test),
            "dropped": len(parted.dropped),
            "skipped": skipped,
            "identical_pairs": sum(pair.kind == "identical" for pair in parted.twins),
            "near_identical_pairs": sum(pair.kind != "identical" for pair in parted.twins),
        },
        "head": {"kind": head.kind, **head.chosen, "tried": [list(pair) for pair in head.tried]},
        "int8": None if effect is None else effect.as_dict(),
        "fine_tune": None if tuning is None else tuning.as_dict(),
        "features": {
            "backbone": features.maker.backbone,
            "weights": trunk.weights,
            "trunk": features.maker.trunk,
            "engine": features.maker.engine,
            "precision": features.maker.precision,
            "why": list(features.notes),
            "complete": not features.stopped,
            "stopped_by": features.stopped,
            "unseen": features.unseen,
            "computed": features.computed,
            "found": features.found,
            "pictures_per_second": round(features.rate, 2),
        },
        "saved_model": {
            "n": agreement.n,
            "largest_difference": agreement.largest,
            "changed_decisions": agreement.changed,
            "compared_with": agreement.precision,
        },
        "seconds": {
            **{name: round(spent, 3) for name, spent in clock.seconds.items()},
            "total": round(clock.total, 3),
        },
        "versions": versions(),
    }
