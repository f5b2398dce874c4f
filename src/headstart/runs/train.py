"""The main path: a folder of pictures in, a trained and measured classifier out.

path --pictures.open_pictures--> Pictures --features.extract--> Features --twins, split--> Split
     --heads--> Head --assemble, agreement--> model.keras --metrics--> Metrics --folder--> Run
"""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart import backbones
from headstart.backbones import Trunk
from headstart.core import atomic, backend
from headstart.core.clock import Clock
from headstart.core.errors import RunError
from headstart.core.progress import Silence, Voice, duration
from headstart.core.threads import one_blas_thread
from headstart.features.choice import remember_precision
from headstart.features.extract import extract
from headstart.features.records import Features
from headstart.features.store import Store
from headstart.heads.linear import train_linear
from headstart.heads.records import Epoch, Head
from headstart.pictures import Part, Pictures, Split, check_sizes, find_twins, open_pictures, split
from headstart.runs import folder as run_folder
from headstart.runs import last, report, story, tables
from headstart.runs.agreement import Agreement, compare_saved
from headstart.runs.assemble import assemble
from headstart.runs.curve import learning_curve
from headstart.runs.metrics import CurvePoint, Metrics, measure
from headstart.runs.settings import Settings
from headstart.runs.versions import versions

NAMED = 100
"""Unreadable files that are named on the terminal; skipped.csv names them all."""


@dataclass(frozen=True)
class _Data:
    """Readable pictures, their features, and which serve for what."""

    pictures: Pictures
    features: Features
    split: Split

    def part(self, name: str) -> NDArray[np.int64]:
        indices: NDArray[np.int64] = getattr(self.split, name)
        return indices


def train_run(
    settings: Settings, *, output: Path = Path("runs"), name: str | None = None, voice: Voice | None = None
) -> run_folder.Run:
    """Trains a classifier as the settings say and writes its run folder.

    Args:
        settings: Every setting.
        output: Folder that holds run folders.
        name: The run folder's name; None makes one of time and backbone.
        voice: Told what happens.

    Raises:
        HeadstartError: With what was wrong and what to do.
    """
    voice, clock = voice or Silence(), Clock()
    target = _new_target(output, name, settings)
    with clock.step("look at the folder"):
        pictures = open_pictures(settings.pictures)
        voice.say(pictures.layout)
        fresh = pictures if pictures.parts is None else _to_train_on(pictures)
        check_sizes(fresh.labels, pictures.class_names)
    with clock.step("load Keras and the backbone"):
        backend.ensure(gradients=settings.head == "mlp")
        trunk = backbones.build_trunk(
            backbones.find(settings.backbone),
            weights=settings.weights,
            input_size=settings.input_size or None,
        )
    with Store(on_damage=voice.warn) as store:
        precision = settings.precision
        while True:
            made = _make(settings, precision, pictures, trunk, store, target, clock, voice)
            if made is not None:
                return made
            # `auto` took bf16 because the features agree; where the answers do not, f32 it is.
            precision = "f32"
            remember_precision(
                trunk, store, "f32", "f32: the answers of bf16 differed from those of the saved model"
            )
            voice.say("bf16 changes this model's answers: once more in f32")


def _make(
    settings: Settings,
    precision: str,
    pictures: Pictures,
    trunk: Trunk,
    store: Store,
    target: Path,
    clock: Clock,
    voice: Voice,
) -> run_folder.Run | None:
    """One round in one precision; None where `auto`'s bf16 turned out not to do."""
    data = _look(settings, precision, pictures, trunk, store, clock, voice)
    with clock.step("train the head"):
        head = _train_head(settings, data, voice)
    with _whole_folder(target) as part:
        with clock.step("save the model and compare it"):
            assemble(trunk, head).save(part / run_folder.MODEL)
            sources = list(data.pictures.paths)
            agreement = compare_saved(
                part / run_folder.MODEL, trunk, head, data.features, list(sources), store, settings.seed
            )
        if not agreement.holds:
            if settings.precision == "auto" and data.features.maker.precision == "bf16":
                raise _Again
            raise agreement.error()
        voice.say(
            f"saved model against pipeline on {agreement.n} pictures: largest difference"
            f" {agreement.largest:.1e}, {agreement.changed} decisions changed"
        )
        metrics = _write(settings, data, trunk, head, agreement, part, target, clock)
    if not target.is_dir():
        return None
    last.point(target)
    skipped = len(pictures.skipped) + len(data.features.skipped)
    _say_result(metrics, skipped, target, clock, voice)
    return run_folder.open_run(target)


class _Again(Exception):  # noqa: N818
    """bf16 did not do: nothing is written."""


@contextlib.contextmanager
def _whole_folder(target: Path) -> Iterator[Path]:
    """A run folder that is whole or absent, with the disk's complaints in our words."""
    try:
        with atomic.new_folder(target) as part:
            yield part
    except _Again:
        return
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError as error:
        raise RunError(
            "The run folder needs space and the right to write",
            f"{target} ({error.strerror or error})",
            "free some space, or choose another place with --output",
        ) from error


def _new_target(output: Path, name: str | None, settings: Settings) -> Path:
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    target = output / (name or f"{stamp}-{backbones.find(settings.backbone).name}")
    if name is None:
        plain, count = target, 1
        while target.exists():
            count += 1
            target = plain.with_name(f"{plain.name}-{count}")
    elif target.exists():
        raise _exists(target)
    return target


def _exists(target: Path) -> RunError:
    return RunError(
        "A run folder is never overwritten",
        f"{target}, which exists",
        "choose another --name, or leave it out",
    )


def _to_train_on(pictures: Pictures) -> Pictures:
    parts = pictures.parts or ()
    return pictures.take(np.array([i for i, p in enumerate(parts) if p == Part.TRAIN], np.int64))


def _look(
    settings: Settings,
    precision: str,
    pictures: Pictures,
    trunk: Trunk,
    store: Store,
    clock: Clock,
    voice: Voice,
) -> _Data:
    """Features of what can be read, and its split."""
    with clock.step("features"):
        features = extract(
            pictures.paths,
            trunk,
            store,
            engine=settings.engine,
            precision=precision,
            strict=settings.strict,
            voice=voice,
        )
    if not features.computed:
        voice.say(f"features of all {len(features):,} pictures were in the store: no trunk pass")
    for one in features.skipped[:NAMED]:
        voice.warn(f"skipped {one.path}: {one.reason}")
    if len(features.skipped) > NAMED:
        voice.warn(f"and {len(features.skipped) - NAMED} more, listed in skipped.csv")
    readable = pictures.take(features.kept)
    with clock.step("duplicates and split"), one_blas_thread():
        twins = find_twins(features.contents, features.fingerprints, features.matrix)
        parted = split(
            readable.labels,
            readable.parts,
            readable.groups,
            twins,
            validation=settings.validation,
            seed=settings.seed,
            class_names=readable.class_names,
        )
    voice.say(
        f"{len(parted.train):,} to train on, {len(parted.validation):,} to validate,"
        f" {len(parted.test):,} to test: {parted.origin}"
    )
    if twins:
        same = sum(pair.kind == "identical" for pair in twins)
        voice.say(
            f"{same} identical and {len(twins) - same} near-identical pairs, kept on one side"
            + (f" ({parted.moved} pictures moved or left out)" if parted.moved else "")
        )
    return _Data(readable, features, parted)


def _train_head(settings: Settings, data: _Data, voice: Voice) -> Head:
    x, y = data.features.matrix, data.pictures.labels
    train, held = data.part("train"), data.part("validation")
    classes = len(data.pictures.class_names)
    groups = _groups(data)[train]
    balanced = settings.class_weight == "balanced"
    if settings.head == "linear":
        return train_linear(x[train], y[train], classes, groups=groups, balanced=balanced, seed=settings.seed)
    from headstart.heads.mlp import train_mlp

    def tell(epoch: Epoch) -> None:
        voice.say(
            f"epoch {epoch.number:3d}  loss {epoch.loss:.4f}  accuracy {epoch.accuracy:.4f}"
            f"  val_loss {epoch.val_loss:.4f}  val_accuracy {epoch.val_accuracy:.4f}"
        )

    return train_mlp(
        x[train],
        y[train],
        classes,
        validation=(x[held], y[held]) if len(held) else None,
        groups=groups,
        balanced=balanced,
        seed=settings.seed,
        epochs=settings.epochs,
        on_epoch=tell,
    )


def _groups(data: _Data) -> NDArray[np.int64]:
    """A number for each picture, the same for twins and for pictures of one group."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(data.pictures)
    edges = [(pair.first, pair.second) for pair in data.split.twins]
    first_of: dict[str, int] = {}
    for index, group in enumerate(data.pictures.groups or ()):
        if group:
            edges.append((first_of.setdefault(group, index), index))
    rows, columns = zip(*edges, strict=True) if edges else ((), ())
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _write(
    settings: Settings,
    data: _Data,
    trunk: Trunk,
    head: Head,
    agreement: Agreement,
    folder: Path,
    target: Path,
    clock: Clock,
) -> Metrics:
    """Measures, and writes every file of the run folder; gives the headline part's metrics."""
    pictures, features, parted = data.pictures, data.features, data.split
    with clock.step("measure"), one_blas_thread():
        measured: dict[str, tuple[NDArray[np.int64], NDArray[np.float64], Metrics]] = {}
        for name in ("validation", "test"):
            indices = data.part(name)
            if len(indices):
                probabilities = head.probabilities(features.matrix[indices])
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
            notes=(),
        )
        atomic.write_text(folder / "report.html", report.render(page))
    everything = _metrics_json(data, head, trunk, agreement, part, measured, curve, len(skipped), clock)
    atomic.write_text(
        folder / "metrics.json", json.dumps(everything, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    )
    run_folder.write_manifest(folder, pictures.class_names, features.maker)
    return metrics


def _curve(
    settings: Settings, data: _Data, head: Head, held: NDArray[np.int64], metrics: Metrics
) -> tuple[CurvePoint, ...]:
    """The learning curve of the linear head; another head would have to be trained anew for each point."""
    if head.kind != "linear":
        return ()
    x, y, train = data.features.matrix, data.pictures.labels, data.part("train")
    return learning_curve(
        x[train],
        y[train],
        x[held],
        y[held],
        len(data.pictures.class_names),
        strength=head.chosen["strength"],
        balanced=settings.class_weight == "balanced",
        seed=settings.seed,
        whole=CurvePoint(len(train), metrics.accuracy),
    )


def _metrics_json(
    data: _Data,
    head: Head,
    trunk: Trunk,
    agreement: Agreement,
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
        "features": {
            "backbone": features.maker.backbone,
            "weights": trunk.weights,
            "trunk": features.maker.trunk,
            "engine": features.maker.engine,
            "precision": features.maker.precision,
            "why": list(features.notes),
            "computed": features.computed,
            "found": features.found,
            "pictures_per_second": round(features.rate, 2),
        },
        "saved_model": {
            "n": agreement.n,
            "largest_difference": agreement.largest,
            "changed_decisions": agreement.changed,
        },
        "seconds": {
            **{name: round(spent, 3) for name, spent in clock.seconds.items()},
            "total": round(clock.total, 3),
        },
        "versions": versions(),
    }


def _say_result(metrics: Metrics, skipped: int, target: Path, clock: Clock, voice: Voice) -> None:
    accuracy, share = metrics.accuracy, metrics.majority_share.value
    voice.say(
        f"accuracy {accuracy.value:.3f}, 95 % interval {accuracy.low:.3f} to {accuracy.high:.3f},"
        f" on {accuracy.n:,} pictures; always answering {metrics.majority_class!r} gives {share:.3f}"
    )
    if skipped:
        voice.say(f"{skipped:,} files skipped: see skipped.csv")
    voice.say(f"{target} in {duration(clock.total)}; the report: {target / 'report.html'}")
