"""`--fine-tune`: the backbone's last part trained further; of before and after, the better one is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.backbones import Trunk
from headstart.backbones.cut import CutTrunk, cut_trunk
from headstart.backbones.keys import of_model
from headstart.core import backend
from headstart.core.clock import Clock
from headstart.core.errors import HeadError
from headstart.core.numbers import Estimate
from headstart.core.progress import Voice
from headstart.features.extract import extract
from headstart.features.store import Store
from headstart.heads.records import Epoch, Head
from headstart.heads.tail import Task, features_of, tune_tail
from headstart.runs.look import Data, groups_of
from headstart.runs.metrics import measure
from headstart.runs.settings import Settings

EPOCHS = 12
"""Most epochs where the user names no number."""

VIEWS = 4
"""Views of each training picture where the user names no number."""

MOST = 8 << 30
"""Bytes of maps that are held in memory."""


@dataclass(frozen=True)
class Tuning:
    """What fine-tuning did.

    Attributes:
        first: The first layer that was trained.
        layers: How many layers with weights were.
        before: Validation accuracy with the backbone as it was.
        after: Validation accuracy with its last part trained.
        loss_before: Validation log loss with the backbone as it was, in nats.
        loss_after: Validation log loss with its last part trained.
        kept: Whether the trained one is what is saved: the one of the lower log loss is, since on a few
            hundred pictures the accuracies of two good models differ by chance more than by merit.
        views: Views of each training picture.
        epochs: Its history.
    """

    first: str
    layers: int
    before: Estimate
    after: Estimate
    loss_before: Estimate
    loss_after: Estimate
    kept: bool
    views: int
    epochs: tuple[Epoch, ...]

    def note(self) -> str:
        """For the terminal and the report, a sentence."""
        chosen = "the fine-tuned one" if self.kept else "the one with the frozen backbone"
        return (
            f"Fine-tuned from {self.first} on ({self.layers} layers, {len(self.epochs)} epochs): accuracy"
            f" {self.before:.3f} before and {self.after:.3f} after, log loss {self.loss_before.value:.3f}"
            f" before and {self.loss_after.value:.3f} after; saved is {chosen}."
        )

    def as_dict(self) -> dict[str, object]:
        """For metrics.json."""
        return {
            "from": self.first,
            "layers": self.layers,
            "views": self.views,
            "epochs": len(self.epochs),
            "accuracy_before": self.before.as_dict(),
            "accuracy_after": self.after.as_dict(),
            "log_loss_before": self.loss_before.as_dict(),
            "log_loss_after": self.loss_after.as_dict(),
            "kept": self.kept,
        }


def fine_tune(
    settings: Settings, data: Data, trunk: Trunk, head: Head, store: Store, clock: Clock, voice: Voice
) -> tuple[Data, Trunk, Head, Tuning]:
    """Trains the backbone's last part with the head.

    Args:
        settings: With `fine_tune` set.
        data: Pictures, features of the frozen backbone, split.
        trunk: The backbone; it stays as it is, a copy is trained.
        head: The linear head on the frozen backbone.
        store: Keeps the maps at the cut.
        clock: Counts the steps.
        voice: Told each epoch and the outcome.

    Returns:
        Data, trunk and head to go on with (as they came, where fine-tuning made nothing better), and what
        was done.

    Raises:
        BackboneError: If the cut is none.
        HeadError: If the maps would not fit into memory.
    """
    # The pictures may be gone through once more in another precision, with the backbone as it came.
    copy = replace(trunk, model=_copied(trunk.model))
    cut = cut_trunk(copy, settings.fine_tune)
    count = settings.views or VIEWS
    _hold_room(cut, data, count)
    with clock.step("maps at the cut"):
        maps = _maps(settings, data, cut, store, voice, range(len(data.pictures)), 0)
        train = data.part("train")
        views = [maps[train]]
        views += [_maps(settings, data, cut, store, voice, train, view) for view in range(1, count)]
    held = data.part("validation")
    labels, shape = data.pictures.labels, tuple(cut.upper.input_shape[1:])
    classes = len(data.pictures.class_names)

    def tell_pass(count: int) -> None:
        why = ", to see how long it is worth training" if count < len(train) else ""
        voice.say(f"fine-tuning on {count:,} of {len(train):,} training pictures{why}")

    def tell(epoch: Epoch) -> None:
        voice.say(
            f"epoch {epoch.number:3d}  loss {epoch.loss:.4f}  accuracy {epoch.accuracy:.4f}"
            f"  val_loss {epoch.val_loss:.4f}  val_accuracy {epoch.val_accuracy:.4f}"
        )

    with clock.step("fine-tune"):
        task = Task(
            data.features.matrix[train],
            views,
            labels[train],
            classes,
            shape,
            groups=groups_of(data)[train],
            balanced=settings.class_weight == "balanced",
            strength=head.chosen.get("strength"),
        )
        tuned = tune_tail(
            cut.upper,
            task,
            validation=(maps[held], labels[held]),
            seed=settings.seed,
            epochs=settings.epochs or EPOCHS,
            on_epoch=tell,
            on_pass=tell_pass,
        )
        copy.model.trainable = False
        matrix = features_of(cut.upper, maps, shape)
    # A test part has no say in what is chosen.
    before, after = (
        measure(one.probabilities(rows[held]), labels[held], data.pictures.class_names, seed=settings.seed)
        for one, rows in ((head, data.features.matrix), (tuned.head, matrix))
    )
    kept = after.log_loss.value <= before.log_loss.value
    record = Tuning(
        cut.first,
        cut.layers,
        before.accuracy,
        after.accuracy,
        before.log_loss,
        after.log_loss,
        kept,
        count,
        tuned.head.epochs,
    )
    voice.say(record.note())
    if not kept:
        return data, trunk, head, record
    changed = replace(
        copy, key=of_model(copy.model), weights=f"{trunk.weights}, fine-tuned from {cut.first} on"
    )
    features = replace(data.features, matrix=matrix, maker=replace(data.features.maker, trunk=changed.key))
    return replace(data, features=features), changed, tuned.head, record


def _copied(model: Any) -> Any:
    """A model of the same layers and weights, all frozen."""
    copy = backend.ensure().models.clone_model(model)
    copy.set_weights(model.get_weights())
    copy.trainable = False
    return copy


def _maps(
    settings: Settings,
    data: Data,
    cut: CutTrunk,
    store: Store,
    voice: Voice,
    indices: Sequence[int] | NDArray[np.int64],
    view: int,
) -> NDArray[np.float16]:
    """Maps at the cut of some pictures, in one view; flat, shape (n, numbers)."""
    lower = replace(cut.lower, recipe=replace(cut.lower.recipe, view=view))
    features = extract(
        [data.pictures.paths[int(i)] for i in indices],
        lower,
        store,
        engine=settings.engine,
        precision=data.features.maker.precision,
        strict=True,
        voice=voice,
    )
    matrix: NDArray[np.float16] = features.matrix
    return matrix


def _hold_room(cut: CutTrunk, data: Data, views: int) -> None:
    """Maps are trained on from memory: they must fit into it."""
    rows = len(data.pictures) + (views - 1) * len(data.part("train"))
    size = 2 * cut.lower.width * rows
    if size > MOST:
        raise HeadError(
            f"--fine-tune holds the maps at the cut in memory, at most {MOST / 1e9:.1f} GB of them",
            f"{rows:,} maps of {cut.lower.width:,} numbers before {cut.first}, {size / 1e9:.1f} GB",
            "cut later, use fewer --views, or fewer pictures",
        )
