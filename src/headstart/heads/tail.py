"""Fine-tuning: the upper part of a backbone and its head trained together, on maps that were computed once.

Normalisation layers stay in inference mode: their statistics are ImageNet's, and a small set would spoil
them. The rate rises for a quarter of the way and falls as a cosine to nothing. A first pass is judged, epoch
by epoch, on a hold-out taken from the training part, which also gives the temperature; a second one trains on
all of the training part, over as many epochs as it was worth training. So the caller's validation part is
only measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core import backend
from headstart.core.numbers import Z95
from headstart.heads.folds import make_folds
from headstart.heads.linear import check_labels, class_weights, train_linear
from headstart.heads.mlp import seeded
from headstart.heads.records import DenseLayer, Epoch, Head
from headstart.heads.temperature import fit_temperature, log_loss, losses_of

BATCH = 32
RATE = 1e-4
"""Highest learning rate of Adam; at three times as much, a head that fits is lost in the first epochs."""
WARM = 0.25
"""Share of the steps in which the rate rises. A head that fits has small gradients at first, which Adam makes
large steps of: with less, the loss leaps up in the second epoch."""
HOLD_OUT = 8
"""One picture in so many is held out of the training part, to stop by."""
PATIENCE = 6
"""The first pass stops when so many epochs in a row were worse than the best by more than chance."""

Maps = NDArray[np.float16]


@dataclass(frozen=True)
class Tuned:
    """What fine-tuning made; the upper part's layers hold its weights.

    Attributes:
        head: The new head, temperature folded in, with the history of the pass that made it.
        best_epoch: How many epochs it was trained.
        loss: Calibrated hold-out loss after as many epochs of the first pass, in nats; NaN with no hold-out.
    """

    head: Head
    best_epoch: int
    loss: float


@dataclass(frozen=True)
class Task:
    """What is learned from.

    Attributes:
        features: What the upper part gives for the pictures before it is trained, shape (n, width).
        views: For each view of the pictures, their maps, flat, shape (n, numbers); the first is of the
            pictures as they are. Each epoch takes one of them for each picture, at random.
        labels: Class index of each, shape (n,); every class occurs.
        classes: Number of classes.
        shape: Shape of one map.
        groups: Pictures with the same number are held out together; None: each on its own.
        balanced: Whether every class counts the same.
        strength: Inverse regularisation strength of the first head; None chooses it by cross-validation.
    """

    features: NDArray[np.float32]
    views: Sequence[Maps]
    labels: NDArray[np.int64]
    classes: int
    shape: tuple[int, ...]
    groups: NDArray[np.int64] | None = None
    balanced: bool = False
    strength: float | None = None

    @property
    def weights(self) -> NDArray[np.float64]:
        """Weight of each class, shape (classes,)."""
        return class_weights(self.labels, self.classes) if self.balanced else np.ones(self.classes)

    def first_head(self, rows: NDArray[np.int64], seed: int) -> Head:
        """The linear head on some of the pictures, from which training begins."""
        return train_linear(
            self.features[rows],
            self.labels[rows],
            self.classes,
            groups=None if self.groups is None else self.groups[rows],
            balanced=self.balanced,
            seed=seed,
            strength=self.strength,
        )


def tune_tail(
    upper: Any,
    task: Task,
    *,
    validation: tuple[Maps, NDArray[np.int64]] | None = None,
    seed: int = 0,
    epochs: int = 12,
    rate: float = RATE,
    on_epoch: Callable[[Epoch], None] | None = None,
    on_pass: Callable[[int], None] | None = None,
) -> Tuned:
    """Trains the upper part of a backbone and its head.

    Args:
        upper: Keras model from maps to features; its layers are trained in place.
        task: What to learn from.
        validation: Maps and labels that are measured after each epoch, and used for nothing.
        seed: Seeds order, views and hold-out.
        epochs: Most epochs of a pass.
        rate: Highest learning rate.
        on_epoch: Told each epoch of both passes.
        on_pass: Told before each pass how many pictures it trains on.

    Raises:
        EngineError: If no backend with gradients is here.
        HeadError: If a class has no picture.
    """
    check_labels(task.labels, task.classes)
    keras = backend.ensure(gradients=True)
    folds = make_folds(task.labels, task.groups, seed, HOLD_OUT)
    everything = np.arange(len(task.labels))
    best, loss, temperature = epochs, float("nan"), 1.0
    if folds:
        inner, held = folds[0]
        begin = upper.get_weights()
        judge = _Judge(task, held)
        if on_pass:
            on_pass(len(inner))
        _train(keras, upper, task, inner, _Schedule(seed, epochs, rate), validation, judge, on_epoch)
        best, loss, temperature = judge.verdict()
        upper.set_weights(begin)
    # The rate falls to nothing by then, rather than being cut short.
    last = _Schedule(seed, best, rate)
    if on_pass:
        on_pass(len(everything))
    history, layer = _train(keras, upper, task, everything, last, validation, None, on_epoch)
    scaled = DenseLayer(
        (layer.kernel / temperature).astype(np.float32),
        (layer.bias / temperature).astype(np.float32),
        "softmax",
    )
    chosen = {"epochs": float(len(history)), "best_epoch": float(best), "temperature": temperature}
    return Tuned(Head("fine-tuned", (scaled,), chosen, (), tuple(history)), best, loss)


@dataclass(frozen=True)
class _Schedule:
    seed: int
    epochs: int
    rate: float


class _Judge:
    """The hold-out: up to which epoch it is worth training.

    What counts is the loss after calibration, since calibration follows. A hold-out is small, and the epoch
    of its least loss is often one of the restless ones at a high rate, by luck; the rate's fall to nothing is
    worth more than that. So it is the last epoch that is not worse than the best beyond the 95 % interval of
    the difference.
    """

    def __init__(self, task: Task, held: NDArray[np.int64]) -> None:
        self._task, self._held = task, held
        self._losses: list[NDArray[np.float64]] = []
        self._temperatures: list[float] = []

    def enough(self, model: Any) -> bool:
        """Judges the epoch that has just ended, and whether it is time to stop."""
        task, truth = self._task, self._task.labels[self._held]
        logits = _logits(model, task.views[0], self._held, task.shape)
        temperature = fit_temperature(logits, truth, task.weights[truth])
        own = losses_of(logits / temperature, truth) * task.weights[truth]
        self._losses.append(own)
        self._temperatures.append(temperature)
        return len(self._losses) - self.verdict()[0] >= PATIENCE

    def verdict(self) -> tuple[int, float, float]:
        """How many epochs, and the loss and the temperature after so many."""
        best = min(self._losses, key=lambda losses: float(losses.mean()))
        last = 0
        for at, losses in enumerate(self._losses):
            worse = losses - best
            if worse.mean() <= Z95 * worse.std() / len(worse) ** 0.5:
                last = at
        return last + 1, float(self._losses[last].mean()), self._temperatures[last]


def _train(
    keras: Any,
    upper: Any,
    task: Task,
    rows: NDArray[np.int64],
    schedule: _Schedule,
    validation: tuple[Maps, NDArray[np.int64]] | None,
    judge: _Judge | None,
    on_epoch: Callable[[Epoch], None] | None,
) -> tuple[list[Epoch], DenseLayer]:
    """One pass over some of the pictures: its history, and the head as it is at the end."""
    # Of these rows alone, or a hold-out would know the pictures that it is to judge.
    head = task.first_head(rows, schedule.seed)
    draw = np.random.default_rng(schedule.seed)
    history: list[Epoch] = []
    with seeded(keras, schedule.seed):
        model, dense = _joined(keras, upper, head)
        falling = rates(keras, schedule.rate, -(-len(rows) // BATCH) * schedule.epochs)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(falling), loss, weighted_metrics=["accuracy"])
        for number in range(1, schedule.epochs + 1):
            history.append(_epoch(number, model, task, rows, draw, validation))
            if on_epoch:
                on_epoch(history[-1])
            if judge and judge.enough(model):
                break
    kernel, bias = dense.get_weights()
    return history, DenseLayer(kernel, bias, "softmax")


def features_of(upper: Any, maps: Maps, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """What the upper part makes of maps, flat, shape (n, numbers): features, shape (n, width)."""
    rows = [
        np.asarray(upper.predict_on_batch(_batch(maps, range(at, min(len(maps), at + BATCH)), shape)))
        for at in range(0, len(maps), BATCH)
    ]
    return np.concatenate(rows).astype(np.float32)


def _joined(keras: Any, upper: Any, head: Head) -> tuple[Any, Any]:
    """The upper part and a Dense layer of logits that begins as the head."""
    for layer in upper.layers:
        # Frozen normalisation runs on its stored statistics, in training too.
        layer.trainable = type(layer).__name__ not in ("BatchNormalization", "Normalization")
    (layer,) = head.layers
    dense = keras.layers.Dense(len(layer.bias), name="logits", dtype="float32")
    model = keras.Model(upper.inputs, dense(upper.output))
    dense.set_weights([layer.kernel, layer.bias])
    return model, dense


def rates(keras: Any, rate: float, steps: int) -> Any:
    """A Keras schedule over so many steps: up from nothing to the rate, then down as a cosine to nothing."""
    warm = max(1, round(WARM * steps))
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - warm), warmup_target=rate, warmup_steps=warm
    )


def _epoch(
    number: int,
    model: Any,
    task: Task,
    rows: NDArray[np.int64],
    draw: np.random.Generator,
    validation: tuple[Maps, NDArray[np.int64]] | None,
) -> Epoch:
    views, labels, weights, shape = task.views, task.labels, task.weights, task.shape
    order = draw.permutation(rows)
    which = draw.integers(len(views), size=len(order))
    loss = right = 0.0
    for at in range(0, len(order), BATCH):
        some, seen = order[at : at + BATCH], which[at : at + BATCH]
        x = np.stack([views[v][i] for v, i in zip(seen, some, strict=True)]).astype(np.float32)
        y = labels[some]
        logs = model.train_on_batch(
            x.reshape(len(some), *shape), y, sample_weight=weights[y], return_dict=True
        )
        model.reset_metrics()
        loss, right = loss + len(some) * float(logs["loss"]), right + len(some) * float(logs["accuracy"])
    val_loss = val_accuracy = float("nan")
    if validation is not None and len(validation[1]):
        maps, truth = validation
        logits = _logits(model, maps, np.arange(len(maps)), shape)
        val_loss, val_accuracy = log_loss(logits, truth), float((logits.argmax(axis=1) == truth).mean())
    return Epoch(number, loss / len(order), right / len(order), val_loss, val_accuracy)


def _logits(model: Any, maps: Maps, rows: NDArray[np.int64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    found = [
        np.asarray(model.predict_on_batch(_batch(maps, rows[at : at + BATCH], shape)))
        for at in range(0, len(rows), BATCH)
    ]
    return np.concatenate(found).astype(np.float64)


def _batch(
    maps: Maps, rows: Sequence[int] | NDArray[np.int64], shape: tuple[int, ...]
) -> NDArray[np.float32]:
    some = np.asarray(rows, np.int64)
    return maps[some].astype(np.float32).reshape(len(some), *shape)


__all__ = ["Task", "Tuned", "features_of", "rates", "tune_tail"]
