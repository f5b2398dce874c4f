"""The linear head on more features than memory holds: chosen on a sample, fitted to all.

1. A sample goes the usual way: cross-validation chooses the strength, and its head is the start.
2. A fit to all but some held-out pictures gives the logits for the temperature.
3. A fit to all of them begins where that one ended, and takes a few passes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from headstart.core import rows as limits
from headstart.core.rows import Rows
from headstart.heads.records import DenseLayer, Head, run_layers
from headstart.heads.standardise import Scaling, measure_scaling
from headstart.heads.streamed import Objective, fit_streamed
from headstart.heads.temperature import fit_temperature

SAMPLED = 0.5
"""Share of what memory holds that the sample takes: the strength is as sure, in half the time."""
CALIBRATED = 50_000
"""Most pictures that are held out for the temperature, one number."""
HOLD_OUT = 5
"""One picture in so many is held out for it where there are fewer."""

Train = Callable[[NDArray[np.float32], NDArray[np.int64], NDArray[np.int64] | None], Head]


def train_large(
    rows: Rows,
    labels: NDArray[np.int64],
    classes: int,
    groups: NDArray[np.int64] | None,
    weights: NDArray[np.float64],
    seed: int,
    train_sample: Train,
) -> Head:
    """Fits the linear head to rows that are read a block at a time.

    Args:
        rows: Raw features, n of them.
        labels: Class index of each, shape (n,); every class occurs.
        classes: Number of classes.
        groups: Pictures with the same number are held out together.
        weights: Weight of each class, shape (classes,).
        seed: Seeds sample and hold-out.
        train_sample: Trains a head on features in memory, their labels and groups.
    """
    rng = np.random.default_rng(seed)
    groups = np.arange(len(labels)) if groups is None else groups
    chosen = _sample(labels, groups, int(SAMPLED * limits.HELD) // rows.width, rng)
    first = train_sample(rows.take(chosen), labels[chosen], groups[chosen])
    strength, temperature = first.chosen["strength"], first.chosen["temperature"]
    scaling = measure_scaling(rows)
    start = _coefficients(first, scaling, classes)

    def fit(which: NDArray[np.int64], start: NDArray[np.float64]) -> NDArray[np.float64]:
        own = labels[which]
        return fit_streamed(Objective(rows.some(which), own, weights[own], classes, strength, scaling), start)

    held = _hold_out(labels, groups, classes, rng)
    if held.any():
        start = fit(np.flatnonzero(~held), start)
        measured = np.flatnonzero(held)
        logits = run_layers((_layer(start, scaling, 1.0, "linear"),), rows.some(measured))
        temperature = fit_temperature(logits, labels[measured], weights[labels[measured]])
    found = fit(np.arange(len(labels)), start)
    settled = {"strength": strength, "temperature": temperature, "folds": first.chosen["folds"]}
    return Head(
        "linear",
        (_layer(found, scaling, temperature, "softmax"),),
        settled | {"sampled": float(len(chosen))},
        first.tried,
    )


def fit_large_at(
    rows: Rows, labels: NDArray[np.int64], classes: int, strength: float, weights: NDArray[np.float64]
) -> Head:
    """Fits the linear head at one strength, uncalibrated."""
    scaling = measure_scaling(rows)
    found = fit_streamed(Objective(rows, labels, weights[labels], classes, strength, scaling))
    return Head("linear", (_layer(found, scaling, 1.0, "softmax"),), {"strength": strength}, ())


def _sample(
    labels: NDArray[np.int64], groups: NDArray[np.int64], size: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Places of about so many pictures, ascending: of each class its share, one of each group and class."""
    order = rng.permutation(len(labels))
    pairs = np.stack([groups[order], labels[order]], axis=1)
    alone = order[np.sort(np.unique(pairs, axis=0, return_index=True)[1])]
    share = size / len(alone)
    found = []
    for label in np.unique(labels):
        own = alone[labels[alone] == label]
        # A rare class keeps enough for its folds.
        found.append(own[: max(2 * HOLD_OUT, round(share * len(own)))])
    return np.sort(np.concatenate(found))


def _hold_out(
    labels: NDArray[np.int64], groups: NDArray[np.int64], classes: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Which are held out, shape (n,), groups whole; none where a class would be left with no picture."""
    share = min(1.0 / HOLD_OUT, CALIBRATED / len(labels))
    names, group_of = np.unique(groups, return_inverse=True)
    held = (rng.random(len(names)) < share)[group_of]
    left = np.bincount(labels[~held], minlength=classes)
    return held if held.any() and (left > 0).all() else np.zeros(len(labels), np.bool_)


def _coefficients(head: Head, scaling: Scaling, classes: int) -> NDArray[np.float64]:
    """A linear head's coefficients on standardised features, uncalibrated; shape (units, width + 1)."""
    (layer,) = head.layers
    kernel = layer.kernel.astype(np.float64) * head.chosen["temperature"]
    bias = layer.bias.astype(np.float64) * head.chosen["temperature"] + scaling.mean @ kernel
    found = np.concatenate([kernel * scaling.deviation[:, None], bias[None]]).T
    return np.diff(found, axis=0) if classes == 2 else found


def _layer(
    coefficients: NDArray[np.float64], scaling: Scaling, temperature: float, activation: str
) -> DenseLayer:
    """Coefficients on standardised features as a layer on raw ones."""
    if len(coefficients) == 1:
        coefficients = np.concatenate([-coefficients, coefficients]) / 2
    folded = scaling.fold(coefficients[:, :-1].T / temperature, coefficients[:, -1] / temperature)
    return DenseLayer(*folded, "softmax" if activation == "softmax" else "linear")
