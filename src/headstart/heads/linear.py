"""The default head: logistic regression on standardised features, folded into one Dense layer.

The strength of regularisation is chosen by cross-validation within the training part, and a
temperature is fitted to the same held-out logits, so the validation part is seen by neither. What memory
does not hold goes another way (`large.py`) to the same minimum.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import HeadError
from headstart.core.rows import Rows, whole
from headstart.core.threads import one_blas_thread
from headstart.heads.folds import make_folds
from headstart.heads.records import DenseLayer, Head
from headstart.heads.standardise import measure_scaling
from headstart.heads.temperature import fit_temperature, log_loss

STRENGTHS = tuple(float(c) for c in np.logspace(-5, 1, 13))
"""Inverse regularisation strengths (scikit-learn's C) that are tried, from the strongest regularisation."""
PATIENCE = 2
"""The path ends when this many strengths in a row were worse than the best."""
ITERATIONS = 300

Folds = Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]


def train_linear(
    features: NDArray[np.float32] | Rows,
    labels: NDArray[np.int64],
    classes: int,
    *,
    groups: NDArray[np.int64] | None = None,
    balanced: bool = False,
    weights: NDArray[np.float64] | None = None,
    seed: int = 0,
    strength: float | None = None,
) -> Head:
    """Fits the linear head.

    Args:
        features: Shape (n, width); rows that memory does not hold are read a block at a time.
        labels: Class index of each, shape (n,); every class occurs.
        classes: Number of classes, at least 2.
        groups: Pictures with the same number are held out together in cross-validation.
        balanced: Whether every class counts the same, however many pictures it has.
        weights: Weight of each class, shape (classes,), in place of `balanced`.
        seed: Seeds the folds.
        strength: Fixed inverse strength; None chooses it by cross-validation.

    Raises:
        HeadError: If a class has no picture.
    """
    check_labels(labels, classes)
    if weights is None:
        weights = class_weights(labels, classes) if balanced else np.ones(classes)
    x = whole(features)
    with one_blas_thread():
        if x is not None:
            return _train(x, labels, classes, groups, weights, seed, strength)
        from headstart.heads.large import train_large

        return train_large(
            Rows.of(features),
            labels,
            classes,
            groups,
            weights,
            seed,
            lambda x, y, own: _train(x, y, classes, own, weights, seed, strength),
        )


def fit_at(
    features: NDArray[np.float32] | Rows,
    labels: NDArray[np.int64],
    classes: int,
    *,
    strength: float,
    balanced: bool = False,
) -> Head:
    """Fits the linear head at one strength, uncalibrated: its decisions are right, its probabilities are not.

    Args:
        features: Shape (n, width); rows that memory does not hold are read a block at a time.
        labels: Class index of each, shape (n,); every class occurs.
        classes: Number of classes, at least 2.
        strength: Inverse regularisation strength.
        balanced: Whether every class counts the same.

    Raises:
        HeadError: If a class has no picture.
    """
    check_labels(labels, classes)
    weights = class_weights(labels, classes) if balanced else np.ones(classes)
    x = whole(features)
    with one_blas_thread():
        if x is None:
            from headstart.heads.large import fit_large_at

            return fit_large_at(Rows.of(features), labels, classes, strength, weights)
        scaling = measure_scaling(x)
        kernel, bias, _ = _fit(scaling.apply(x), labels, classes, strength, weights, None)
    return Head("linear", (DenseLayer(*scaling.fold(kernel, bias), "softmax"),), {"strength": strength}, ())


def _train(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: int,
    groups: NDArray[np.int64] | None,
    weights: NDArray[np.float64],
    seed: int,
    strength: float | None,
) -> Head:
    tried: list[tuple[float, float]] = []
    temperature = 1.0
    folds = make_folds(labels, groups, seed)
    if folds:
        strengths = STRENGTHS if strength is None else (strength,)
        tried, held_out, scored = _cross_validate(features, labels, classes, folds, strengths, weights)
        strength = min(tried, key=lambda pair: pair[1])[0]
        temperature = fit_temperature(held_out, labels[scored], weights[labels[scored]])
    elif strength is None:
        # Too few pictures to choose: as much regularisation as serves most data sets of this size.
        strength = 1e-3
    scaling = measure_scaling(features)
    kernel, bias, _ = _fit(scaling.apply(features), labels, classes, strength, weights, None)
    folded = scaling.fold(kernel / temperature, bias / temperature)
    chosen = {"strength": strength, "temperature": temperature, "folds": float(len(folds))}
    return Head("linear", (DenseLayer(*folded, "softmax"),), chosen, tuple(tried))


def check_labels(labels: NDArray[np.int64], classes: int) -> None:
    """Raises HeadError where a head cannot be trained on these labels."""
    counts = np.bincount(labels, minlength=classes)
    if classes < 2 or (counts == 0).any():
        raise HeadError(
            "A head needs training pictures of at least two classes, and of every class",
            f"counts {counts.tolist()}",
            "add pictures of the class that has none",
        )


def class_weights(labels: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Weights that make every class count the same, with mean 1 over the pictures; shape (classes,)."""
    counts = np.bincount(labels, minlength=classes)
    return np.asarray(len(labels) / (classes * np.maximum(counts, 1)), np.float64)


def _cross_validate(
    features: NDArray[np.float32],
    labels: NDArray[np.int64],
    classes: int,
    folds: Folds,
    strengths: Sequence[float],
    weights: NDArray[np.float64],
) -> tuple[list[tuple[float, float]], NDArray[np.float64], NDArray[np.int64]]:
    """Walks the path of strengths; gives their losses, and the best one's held-out logits."""
    prepared = []
    for train, held in folds:
        scaling = measure_scaling(features[train])
        prepared.append((scaling.apply(features[train]), labels[train], scaling.apply(features[held])))
    scored = np.concatenate([held for _, held in folds])
    truth, sample_weights = labels[scored], weights[labels[scored]]
    tried: list[tuple[float, float]] = []
    starts: list[NDArray[np.float64] | None] = [None] * len(folds)
    best_logits: NDArray[np.float64] = np.zeros((len(scored), classes))
    best, worse = np.inf, 0
    for strength in strengths:
        pieces = []
        for place, (x, y, x_held) in enumerate(prepared):
            kernel, bias, starts[place] = _fit(x, y, classes, strength, weights, starts[place])
            pieces.append(x_held @ kernel + bias)
        logits = np.concatenate(pieces)
        # What counts is the loss after calibration, since calibration follows.
        scale = fit_temperature(logits, truth, sample_weights)
        loss = log_loss(logits / scale, truth, sample_weights)
        tried.append((strength, loss))
        if loss < best:
            best, best_logits, worse = loss, logits, 0
        else:
            worse += 1
            if worse == PATIENCE:
                break
    return tried, best_logits, scored


def _fit(
    x: NDArray[np.float32],
    y: NDArray[np.int64],
    classes: int,
    strength: float,
    weights: NDArray[np.float64],
    start: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """One logistic regression: kernel (width, classes), bias (classes,), and its warm start."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(
        C=strength,
        solver="lbfgs",
        max_iter=ITERATIONS,
        tol=1e-4,
        warm_start=start is not None,
    )
    if start is not None:
        model.coef_, model.intercept_ = start[:, :-1].copy(), start[:, -1].copy()
        model.classes_ = np.arange(classes)
    with warnings.catch_warnings():
        # Unfinished convergence of a weakly regularised fit costs nothing: cross-validation judges it.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, y, sample_weight=weights[y])
    found = np.concatenate([model.coef_, model.intercept_[:, None]], axis=1).astype(np.float64)
    coefficients = found
    if len(found) == 1:
        # Two classes have one row of coefficients, for the second against the first.
        coefficients = np.concatenate([-found, found]) / 2
    return coefficients[:, :-1].T.copy(), coefficients[:, -1].copy(), found
