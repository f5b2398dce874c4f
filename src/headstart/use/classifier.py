"""The whole path as a scikit-learn estimator: pictures (or features) in, classes out."""

from __future__ import annotations

import functools
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    assert_all_finite,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from headstart import backbones
from headstart.backbones import Trunk
from headstart.core import backend
from headstart.core.errors import InputError, PicturesError
from headstart.features.decoding import Source
from headstart.features.extract import extract
from headstart.features.housekeeping import open_store
from headstart.features.records import Features
from headstart.heads.linear import train_linear
from headstart.use.inputs import pictures_in


class HeadstartClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A linear head on a frozen backbone, as a scikit-learn classifier.

    X is one of: paths (a list or 1-D array of str or Path); pixels (uint8, shape (n, height, width,
    3), RGB); or ready features (numbers, shape (n, width)), for which no backbone is run. What was
    given to `fit` must be given to `predict`: pictures in either form, or features. Features of
    pictures are kept in the feature store, so that cross-validation runs the backbone once a picture.

    Args:
        backbone: Name of the backbone.
        weights: 'imagenet', or a file of weights.
        input_size: Side of the square input in pixels; None is the backbone's own.
        engine: 'openvino' or 'keras'.
        precision: 'auto', 'f32' or 'bf16'. What 'auto' chose in `fit` serves in `predict` as well.
        strength: Inverse strength of regularisation; None chooses it by cross-validation.
        class_weight: None, 'balanced', or a weight for each label.
        seed: Seeds the folds.

    Attributes:
        classes_: The labels, sorted, shape (k,).
        head_: The head, from features to probabilities.
        maker_: What made the features, or None where they were given.
        n_features_in_: Width of the features, where they were given.
    """

    def __init__(
        self,
        backbone: str = "efficientnet-lite0",
        *,
        weights: str | Path = "imagenet",
        input_size: int | None = None,
        engine: str = "openvino",
        precision: str = "auto",
        strength: float | None = None,
        class_weight: str | dict[Any, float] | None = None,
        seed: int = 0,
    ) -> None:
        self.backbone = backbone
        self.weights = weights
        self.input_size = input_size
        self.engine = engine
        self.precision = precision
        self.strength = strength
        self.class_weight = class_weight
        self.seed = seed

    def fit(self, X: Any, y: ArrayLike) -> HeadstartClassifier:  # noqa: N803
        """Trains the head.

        Args:
            X: n pictures or features.
            y: Their labels, shape (n,), of at least two classes.

        Raises:
            PicturesError: If a picture cannot be read; scikit-learn needs a row for each.
            HeadstartError: For whatever else is wrong with pictures, backbone or store.
            ValueError: If X or y has the wrong form, or y has one class alone.
        """
        pictures = pictures_in(X)
        groups = None
        if pictures is None:
            matrix, y = validate_data(self, X, y, dtype=np.float32)
            labels = _check_labels(y)
            self.maker_ = None
        else:
            labels = _check_labels(y)
            check_consistent_length(pictures, labels)
            features = self._features(pictures, self.engine, self.precision)
            matrix, self.maker_ = features.matrix, features.maker
            groups = _same_content(features)
            # From an earlier fit on features: it would be untrue of this one.
            self.__dict__.pop("n_features_in_", None)
        self.classes_, indices = np.unique(labels, return_inverse=True)
        classes = len(self.classes_)
        if classes < 2:
            only = str(self.classes_[0])
            raise InputError("y must hold at least two classes", f"one class, {only!r}", "add another")
        weights = compute_class_weight(self.class_weight, classes=self.classes_, y=labels)
        self.head_ = train_linear(
            matrix,
            indices.astype(np.int64),
            classes,
            groups=groups,
            weights=weights,
            seed=self.seed,
            strength=self.strength,
        )
        return self

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """The most probable label of each picture or row of features, shape (n,)."""
        probabilities = self.predict_proba(X)
        labels: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Calibrated probabilities, shape (n, k), in the order of `classes_`.

        Raises:
            PicturesError: If a picture cannot be read; scikit-learn needs a row for each.
            ValueError: If X is of another kind than what `fit` was given.
        """
        check_is_fitted(self)
        pictures = pictures_in(X)
        if pictures is not None and self.maker_ is not None:
            matrix = self._features(pictures, self.maker_.engine, self.maker_.precision).matrix
        elif pictures is None and self.maker_ is None:
            matrix = validate_data(self, X, dtype=np.float32, reset=False)
        else:
            kinds = ("pictures", "features")
            fitted, given = kinds if pictures is None else kinds[::-1]
            raise InputError(f"X must hold {fitted}, as it did in fit", given, f"give {fitted}, or fit again")
        return self.head_.probabilities(matrix)

    def _features(self, pictures: list[Source], engine: str, precision: str) -> Features:
        stamp = _stamp(self.weights)
        trunk = _trunk(self.backbone, str(self.weights), self.input_size, stamp)
        with open_store(_warn) as store:
            try:
                return extract(pictures, trunk, store, engine=engine, precision=precision, strict=True)
            except PicturesError as error:
                raise PicturesError(
                    "Every picture in X must be readable, since scikit-learn needs a row for each",
                    error.received,
                    "mend it, or leave it out of X and y",
                ) from error


@functools.lru_cache(maxsize=2)
def _trunk(backbone: str, weights: str, input_size: int | None, stamp: tuple[int, int] | None) -> Trunk:
    """A trunk, built once for all folds of a cross-validation.

    Kept here and not in the estimator, which scikit-learn copies and pickles.
    """
    del stamp
    backend.ensure()
    return backbones.build_trunk(backbones.find(backbone), weights=weights, input_size=input_size)


def _stamp(weights: str | Path) -> tuple[int, int] | None:
    """Time and size of a weights file, so that one that was written anew is read anew."""
    try:
        status = Path(weights).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _warn(line: str) -> None:
    warnings.warn(line, RuntimeWarning, stacklevel=2)


def _check_labels(y: Any) -> NDArray[Any]:
    if y is None:
        raise InputError("fit needs a label for each picture, y", "y=None", "give labels")
    labels: NDArray[Any] = column_or_1d(y, warn=True)
    if labels.dtype.kind == "f":
        assert_all_finite(labels, input_name="y")
    check_classification_targets(labels)
    return labels


def _same_content(features: Features) -> NDArray[np.int64] | None:
    """A number for each distinct picture, where one was given more than once; else None.

    Copies must not be held out from each other when strength and temperature are chosen.
    """
    distinct, groups = np.unique(np.array(features.contents), return_inverse=True)
    return None if len(distinct) == len(groups) else groups.astype(np.int64)
