"""Fine-tuning: the upper part of a backbone and its head trained together, on maps that were computed once.

Normalisation layers stay in inference mode: their statistics are ImageNet's, and a small set would spoil
them. The rate rises for the first epoch and falls as a cosine to nothing; training stops by a hold-out taken
from the training part, whose best weights are kept, so the caller's validation part is only measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core import backend
from headstart.heads.folds import make_folds
from headstart.heads.linear import check_labels, class_weights, train_linear
from headstart.heads.mlp import seeded
from headstart.heads.records import DenseLayer, Epoch, Head
from headstart.heads.temperature import fit_temperature, log_loss

BATCH = 32
RATE = 3e-4
"""Highest learning rate of Adam; a head that already fits bears no more."""
HOLD_OUT = 8
"""One picture in so many is held out of the training part, to stop by."""
PATIENCE = 4
"""Epochs without a better hold-out loss after which training stops."""

Maps = NDArray[np.float16]


@dataclass(frozen=True)
class Tuned:
    """What fine-tuning made; the upper part's layers hold its weights.

    Attributes:
        head: The new head, temperature folded in, with the history.
        best_epoch: The epoch whose weights were kept.
        loss: Hold-out loss of the kept weights, in nats.
    """

    head: Head
    best_epoch: int
    loss: float


def tune_tail(
    upper: Any,
    features: NDArray[np.float32],
    views: Sequence[Maps],
    labels: NDArray[np.int64],
    classes: int,
    *,
    shape: tuple[int, ...],
    strength: float | None = None,
    validation: tuple[Maps, NDArray[np.int64]] | None,
    groups: NDArray[np.int64] | None = None,
    balanced: bool = False,
    seed: int = 0,
    epochs: int = 12,
    rate: float = RATE,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Tuned:
    """Trains the upper part of a backbone and its head.

    Args:
        upper: Keras model from maps to features; its layers are trained in place.
        features: What the upper part gives for the training pictures now, shape (n, width): the first head is
            a linear one on those that are not held out.
        views: For each view of the training pictures, their maps, flat, shape (n, numbers); the first is of
            the pictures as they are. Each epoch takes one of them for each picture, at random.
        labels: Class index of each, shape (n,); every class occurs.
        classes: Number of classes.
        shape: Shape of one map.
        strength: Inverse regularisation strength of the first head; None chooses it by cross-validation.
        validation: Maps and labels that are measured after each epoch, and used for nothing.
        groups: Pictures with the same number are held out together.
        balanced: Whether every class counts the same.
        seed: Seeds order, views and hold-out.
        epochs: Most epochs.
        rate: Highest learning rate.
        on_epoch: Told each epoch.

    Raises:
        EngineError: If no backend with gradients is here.
        HeadError: If a class has no picture.
    """
    check_labels(labels, classes)
    keras = backend.ensure(gradients=True)
    folds = make_folds(labels, groups, seed, HOLD_OUT)
    inner, held = folds[0] if folds else (np.arange(len(labels)), np.arange(len(labels)))
    weights = class_weights(labels, classes) if balanced else np.ones(classes)
    # Of the inner part alone, or the hold-out would know the pictures that it is to judge.
    head = train_linear(
        features[inner],
        labels[inner],
        classes,
        groups=None if groups is None else groups[inner],
        balanced=balanced,
        seed=seed,
        strength=strength,
    )
    draw = np.random.default_rng(seed)
    with seeded(keras, seed):
        model, dense = _joined(keras, upper, head)
        steps = -(-len(inner) // BATCH)
        optimizer = keras.optimizers.Adam(_schedule(keras, rate, steps, epochs))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer, loss, weighted_metrics=["accuracy"])

        def held_loss() -> tuple[float, NDArray[np.float64]]:
            logits = _logits(model, views[0], held, shape)
            return log_loss(logits, labels[held], weights[labels[held]]), logits

        best, best_epoch, kept = np.inf, 0, model.get_weights()
        best_logits = np.zeros((len(held), classes))
        history: list[Epoch] = []
        for number in range(1, epochs + 1):
            history.append(_epoch(number, model, views, labels, inner, weights, shape, draw, validation))
            if on_epoch:
                on_epoch(history[-1])
            now, logits = held_loss()
            if now < best:
                best, best_logits, best_epoch, kept = now, logits, number, model.get_weights()
            elif number - best_epoch >= PATIENCE:
                break
        model.set_weights(kept)
    temperature = fit_temperature(best_logits, labels[held], weights[labels[held]]) if folds else 1.0
    kernel, bias = dense.get_weights()
    layer = DenseLayer(
        (kernel / temperature).astype(np.float32), (bias / temperature).astype(np.float32), "softmax"
    )
    chosen = {"epochs": float(len(history)), "best_epoch": float(best_epoch), "temperature": temperature}
    return Tuned(Head("fine-tuned", (layer,), chosen, (), tuple(history)), best_epoch, best)


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


def _schedule(keras: Any, rate: float, steps: int, epochs: int) -> Any:
    """One epoch up from nothing, then down as a cosine to nothing."""
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps * (epochs - 1)), warmup_target=rate, warmup_steps=steps
    )


def _epoch(
    number: int,
    model: Any,
    views: Sequence[Maps],
    labels: NDArray[np.int64],
    inner: NDArray[np.int64],
    weights: NDArray[np.float64],
    shape: tuple[int, ...],
    draw: np.random.Generator,
    validation: tuple[Maps, NDArray[np.int64]] | None,
) -> Epoch:
    order = draw.permutation(inner)
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


__all__ = ["Tuned", "features_of", "tune_tail"]
