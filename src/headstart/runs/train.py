"""The main path: a folder of pictures in, a trained and measured classifier out.

path --pictures.open_pictures--> Pictures --features.extract--> Features --twins, split--> Split
     --heads--> Head --assemble, agreement--> model.keras --metrics--> Metrics --folder--> Run
"""

from __future__ import annotations

import contextlib
import datetime
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from headstart import backbones, engines
from headstart.backbones import Trunk
from headstart.core import atomic, backend
from headstart.core.clock import Clock
from headstart.core.errors import RunError, SettingsError
from headstart.core.progress import Silence, Voice, duration
from headstart.core.stopping import Stop
from headstart.features.choice import remember_precision
from headstart.features.decoding import Source
from headstart.features.housekeeping import open_store
from headstart.features.quantised import copy_graph
from headstart.features.records import Features
from headstart.features.store import Store
from headstart.heads.linear import train_linear
from headstart.heads.records import Epoch, Head
from headstart.pictures import Part, Pictures, check_sizes, open_pictures
from headstart.runs import folder as run_folder
from headstart.runs import last
from headstart.runs.agreement import compare_saved
from headstart.runs.assemble import assemble
from headstart.runs.look import Data, look
from headstart.runs.metrics import Metrics
from headstart.runs.outcome import write_outcome
from headstart.runs.quantised import FOR_THE_FILE, Effect, measure_effect
from headstart.runs.settings import Settings
from headstart.runs.tune import Tuning, fine_tune
from headstart.runs.views import seen_in_training

MLP_EPOCHS = 50
"""Most epochs of `--head mlp` where the user names no number."""

RESERVE = 4.0
RESERVE_A_PICTURE = 0.001
"""Seconds that a time limit keeps back for what follows the trunk pass, and more for each picture."""


def train_run(
    settings: Settings,
    *,
    output: Path = Path("runs"),
    name: str | None = None,
    time_limit: float | None = None,
    voice: Voice | None = None,
) -> run_folder.Run:
    """Trains a classifier as the settings say and writes its run folder.

    Args:
        settings: Every setting.
        output: Folder that holds run folders.
        name: The run folder's name; None makes one of time and backbone.
        time_limit: Seconds after which the run should be whole, about: the trunk pass ends in time for that,
            and the head is trained on the pictures seen by then. None is no limit.
        voice: Told what happens.

    Raises:
        HeadstartError: With what was wrong and what to do.
    """
    voice, clock = voice or Silence(), Clock()
    began = time.monotonic()
    if time_limit is not None and time_limit <= 0:
        raise SettingsError("--time-limit must be above 0", f"{time_limit:g} s", "give such as 30s or 5min")
    if settings.precision == "int8":
        engines.require_int8()
    target = _new_target(output, name, settings)
    with clock.step("look at the folder"):
        pictures = open_pictures(settings.pictures)
        voice.say(pictures.layout)
        fresh = pictures if pictures.parts is None else _to_train_on(pictures)
        check_sizes(fresh.labels, pictures.class_names)
    stop = Stop(None if time_limit is None else began + _pass_time(time_limit, len(pictures)))
    with clock.step("load Keras and the backbone"):
        backend.ensure(gradients=settings.head == "mlp" or bool(settings.fine_tune))
        trunk = backbones.build_trunk(
            backbones.find(settings.backbone),
            weights=settings.weights,
            input_size=settings.input_size or None,
        )
    with open_store(voice.warn) as store:
        precision = settings.precision
        while True:
            made = _make(settings, precision, pictures, trunk, store, target, stop, clock, voice)
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
    stop: Stop,
    clock: Clock,
    voice: Voice,
) -> run_folder.Run | None:
    """One round in one precision; None where `auto`'s bf16 turned out not to do."""
    data = look(settings, precision, pictures, trunk, store, stop, clock, voice)
    with clock.step("train the head"):
        head = _train_head(settings, data, trunk, store, voice)
    tuning: Tuning | None = None
    if settings.fine_tune:
        data, trunk, head, tuning = fine_tune(settings, data, trunk, head, store, clock, voice)
    with _whole_folder(target) as part:
        with clock.step("save the model and compare it"):
            assemble(trunk, head).save(part / run_folder.MODEL)
            effect, floats, own = _in_float(settings, data, trunk, head, store, voice)
            sources: list[Source] = [data.pictures.paths[int(i)] for i in own]
            agreement = compare_saved(
                part / run_folder.MODEL,
                trunk,
                head,
                floats,
                sources,
                store,
                settings.seed,
                # A run that is short of time cannot wait for many through the slow graph either.
                FOR_THE_FILE if effect or data.features.stopped else None,
            )
        if not agreement.holds:
            if settings.precision == "auto" and data.features.maker.precision == "bf16":
                raise _Again
            raise agreement.error()
        pipeline = "pipeline" if effect is None else f"the same head in {agreement.precision}"
        voice.say(
            f"saved model against {pipeline} on {agreement.n} pictures: largest difference"
            f" {agreement.largest:.1e}, {agreement.changed} decisions changed"
        )
        graph = () if effect is None else copy_graph(data.features.maker.precision, store, part)
        metrics = write_outcome(
            settings, data, trunk, head, tuning, agreement, effect, graph, part, target, clock
        )
    if not target.is_dir():
        return None
    last.point(target)
    skipped = len(pictures.skipped) + len(data.features.skipped)
    _say_result(metrics, skipped, target, clock, voice)
    return run_folder.open_run(target)


def _in_float(
    settings: Settings, data: Data, trunk: Trunk, head: Head, store: Store, voice: Voice
) -> tuple[Effect | None, Features, NDArray[np.int64]]:
    """Features that the saved model, which computes in float, is held against, and whose they are.

    Those that the head was trained on; where they are in int8, some in float, once it is seen what that
    changes.

    Raises:
        RunError: If int8 changes too much.
    """
    if data.features.maker.format != "int8":
        return None, data.features, np.arange(len(data.pictures))
    effect, floats, own = measure_effect(data, trunk, head, store, settings.seed, voice)
    if not effect.holds:
        raise effect.error()
    voice.say(effect.note())
    return effect, floats, own


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


def _pass_time(time_limit: float, pictures: int) -> float:
    """Seconds from the start after which the trunk pass must end, so that the whole ends in time."""
    return max(time_limit / 2, time_limit - RESERVE - RESERVE_A_PICTURE * pictures)


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


def _train_head(settings: Settings, data: Data, trunk: Trunk, store: Store, voice: Voice) -> Head:
    held = data.part("validation")
    x, y, groups = seen_in_training(settings, data, trunk, store, voice)
    classes = len(data.pictures.class_names)
    balanced = settings.class_weight == "balanced"
    if settings.head == "linear":
        return train_linear(x, y, classes, groups=groups, balanced=balanced, seed=settings.seed)
    from headstart.heads.mlp import train_mlp

    def tell(epoch: Epoch) -> None:
        voice.say(
            f"epoch {epoch.number:3d}  loss {epoch.loss:.4f}  accuracy {epoch.accuracy:.4f}"
            f"  val_loss {epoch.val_loss:.4f}  val_accuracy {epoch.val_accuracy:.4f}"
        )

    return train_mlp(
        x,
        y,
        classes,
        validation=(data.features.rows(held), data.pictures.labels[held]) if len(held) else None,
        groups=groups,
        balanced=balanced,
        seed=settings.seed,
        epochs=settings.epochs or MLP_EPOCHS,
        on_epoch=tell,
    )


def _say_result(metrics: Metrics, skipped: int, target: Path, clock: Clock, voice: Voice) -> None:
    accuracy, share = metrics.accuracy, metrics.majority_share.value
    voice.say(
        f"accuracy {accuracy.value:.3f}, 95 % interval {accuracy.low:.3f} to {accuracy.high:.3f},"
        f" on {accuracy.n:,} pictures; always answering {metrics.majority_class!r} gives {share:.3f}"
    )
    if skipped:
        voice.say(f"{skipped:,} files skipped: see skipped.csv")
    voice.say(f"{target} in {duration(clock.total)}; the report: {target / 'report.html'}")
