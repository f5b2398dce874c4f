"""The origin question's head, trained with Keras on features: Dense 256, Dropout 0.5, Dense 64.

Training stops by a hold-out taken from the training part, so the caller's validation part is only
measured and stays honest.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from headstart.core import backend
from headstart.core.rows import Rows, block_rows, whole
from headstart.heads.folds import make_folds
from headstart.heads.linear import check_labels, class_weights
from headstart.heads.records import DenseLayer, Epoch, Head, run_layers
from headstart.heads.standardise import measure_scaling
from headstart.heads.temperature import fit_temperature, log_loss

UNITS, DROPOUT = (256, 64), 0.5
BATCH = 32
HOLD_OUT = 8
"""One picture in so many is held out of the training part, to stop by."""
PATIENCE = 5
"""Epochs without a better hold-out loss after which training stops."""


def train_mlp(
    features: NDArray[np.float32] | Rows,
    labels: NDArray[np.int64],
    classes: int,
    *,
    validation: tuple[NDArray[np.float32] | Rows, NDArray[np.int64]] | None,
    groups: NDArray[np.int64] | None = None,
    balanced: bool = False,
    seed: int = 0,
    epochs: int = 50,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> Head:
    """Trains the small network and folds scaling and temperature into its layers.

    Args:
        features: Shape (n, width); rows that memory does not hold are read a batch at a time.
        labels: Class index of each, shape (n,); every class occurs.
        classes: Number of classes, at least 2.
        validation: Features and labels that are measured after each epoch, and used for nothing.
        groups: Pictures with the same number are held out together.
        balanced: Whether every class counts the same.
        seed: Seeds weights, dropout, order and hold-out.
        epochs: Most epochs.
        on_epoch: Told each epoch.

    Raises:
        EngineError: If no backend with gradients is here.
        HeadError: If a class has no picture.
    """
    check_labels(labels, classes)
    keras = backend.ensure(gradients=True)
    folds = make_folds(labels, groups, seed, HOLD_OUT)
    inner, held = folds[0] if folds else (np.arange(len(labels)), np.arange(len(labels)))
    x = _Scaled(features, inner)
    weights = class_weights(labels, classes) if balanced else np.ones(classes)
    with seeded(keras, seed):
        model = keras.Sequential(
            [
                keras.Input((x.width,)),
                keras.layers.Dense(UNITS[0], activation="relu"),
                keras.layers.Dropout(DROPOUT),
                keras.layers.Dense(UNITS[1], activation="relu"),
                keras.layers.Dense(classes),
            ]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"])
        history: list[Epoch] = []
        best, best_epoch, kept = np.inf, 0, model.get_weights()
        for number in range(1, epochs + 1):
            logs = x.fit_once(keras, model, inner, labels, weights, np.random.default_rng([seed, number]))
            seen = None if validation is None else (x.logits(model, Rows.of(validation[0])), validation[1])
            history.append(_epoch(number, logs, seen))
            if on_epoch:
                on_epoch(history[-1])
            stop = log_loss(x.logits(model, x.rows.some(held)), labels[held], weights[labels[held]])
            if stop < best:
                best, best_epoch, kept = stop, number, model.get_weights()
            elif number - best_epoch >= PATIENCE:
                break
        model.set_weights(kept)
    temperature = 1.0
    if folds:
        temperature = fit_temperature(x.logits(model, x.rows.some(held)), labels[held], weights[labels[held]])
    layers = _layers(model)
    first = x.scaling.fold(layers[0].kernel.astype(np.float64), layers[0].bias.astype(np.float64))
    last = layers[-1]
    folded = (
        DenseLayer(*first, "relu", DROPOUT),
        *layers[1:-1],
        DenseLayer(last.kernel / np.float32(temperature), last.bias / np.float32(temperature), "softmax"),
    )
    chosen = {"epochs": float(len(history)), "best_epoch": float(best_epoch), "temperature": temperature}
    return Head("mlp", folded, chosen, (), tuple(history))


@contextmanager
def seeded(keras, seed: int) -> Iterator[None]:  # type: ignore[no-untyped-def]
    """Seeds Keras for the block, and leaves Python's and NumPy's own random states as they were."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        keras.utils.set_random_seed(seed)
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)  # noqa: NPY002


def _epoch(
    number: int,
    logs: dict[str, list[float]],
    seen: tuple[NDArray[np.float64], NDArray[np.int64]] | None,
) -> Epoch:
    val_loss = val_accuracy = float("nan")
    if seen is not None and len(seen[1]):
        logits, y = seen
        val_loss, val_accuracy = log_loss(logits, y), float((logits.argmax(axis=1) == y).mean())
    return Epoch(number, float(logs["loss"][0]), float(logs["accuracy"][0]), val_loss, val_accuracy)


def _layers(model) -> tuple[DenseLayer, ...]:  # type: ignore[no-untyped-def]
    found = []
    for layer in model.layers:
        if type(layer).__name__ == "Dense":
            kernel, bias = layer.get_weights()
            activation = layer.get_config()["activation"]
            found.append(DenseLayer(np.asarray(kernel), np.asarray(bias), activation))
    return tuple(found)


class _Scaled:
    """Features, standardised over the inner part: as one matrix where memory holds it, else as asked for."""

    def __init__(self, features: NDArray[np.float32] | Rows, inner: NDArray[np.int64]) -> None:
        self.rows = Rows.of(features)
        self.width = self.rows.width
        held = whole(features)
        self.scaling = measure_scaling(self.rows.some(inner) if held is None else held[inner])
        self._matrix = None if held is None else self.scaling.apply(held)

    def fit_once(self, keras, model, inner, labels, weights, rng) -> dict[str, list[float]]:  # type: ignore[no-untyped-def]
        """One epoch on the inner part; gives Keras's history of it."""
        y = labels[inner]
        if self._matrix is not None:
            done = model.fit(self._matrix[inner], y, batch_size=BATCH, sample_weight=weights[y], verbose=0)
            return dict(done.history)
        order = rng.permutation(len(inner))
        read = self.rows.some(inner)

        class Batches(keras.utils.PyDataset):  # type: ignore[misc]
            def __len__(self) -> int:
                return -(-len(order) // BATCH)

            def __getitem__(batches, index: int):  # type: ignore[no-untyped-def]  # noqa: N805
                some = order[index * BATCH : (index + 1) * BATCH]
                return self.scaling.apply(read.take(some)), y[some], weights[y[some]]

        return dict(model.fit(Batches(), shuffle=False, verbose=0).history)

    def logits(self, model, rows: Rows) -> NDArray[np.float64]:  # type: ignore[no-untyped-def]
        """What the network makes of raw features of some pictures."""
        layers = _layers(model)
        result = np.empty((len(rows), len(layers[-1].bias)))
        step = len(rows) if rows.held else block_rows(self.width)
        for start in range(0, len(rows), step):
            block = slice(start, min(len(rows), start + step))
            result[block] = run_layers(layers, self.scaling.apply(rows.read(block)))
        return result
