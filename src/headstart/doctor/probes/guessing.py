"""What a model that always gives the same answer would get: the mark that any training must beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

MEAN = ("mean_squared_error", "huber", "log_cosh", "mean_squared_logarithmic_error")
MEDIAN = ("mean_absolute_error",)


def constant_answer(name: str, from_logits: bool, y: Array, shape: tuple[int, ...]) -> Array | None:
    """The best constant answer for a loss of Keras: class shares, a mean or a median.

    Args:
        name: The loss in snake case.
        from_logits: Whether it takes raw values.
        y: Targets.
        shape: Shape of the predictions for those rows.

    Returns:
        Predictions of that shape, or None where the best constant is not known.
    """
    classes = shape[-1] if len(shape) > 1 else 1
    if name == "sparse_categorical_crossentropy":
        ids = y.reshape(-1).astype(int)
        ids = ids[(ids >= 0) & (ids < classes)]
        share = np.bincount(ids, minlength=classes) / max(1, len(ids))
        share = np.clip(share, 1e-4, None)
        answer = np.log(share) if from_logits else share / share.sum()
    elif name == "categorical_crossentropy":
        share = np.clip(y.reshape(-1, y.shape[-1]).mean(axis=0), 1e-4, None)
        answer = np.log(share) if from_logits else share / share.sum()
    elif name in ("binary_crossentropy", "binary_focal_crossentropy"):
        share = np.clip(y.reshape(len(y), -1).mean(axis=0), 1e-4, 1 - 1e-4)
        answer = np.log(share / (1 - share)) if from_logits else share
    elif name in MEAN or name in MEDIAN:
        flat = y.reshape(len(y), -1).astype("float64")
        answer = flat.mean(axis=0) if name in MEAN else np.median(flat, axis=0)
    else:
        return None
    row = shape[1:] or (1,)
    if answer.size not in (1, int(np.prod(row)), row[-1]):
        return None
    if answer.size == int(np.prod(row)):
        answer = answer.reshape(row)
    return np.broadcast_to(answer, (shape[0], *row)).reshape(shape).astype("float32")


def loss_of_guessing(case: Case, y: Any, output: Array) -> float | None:
    """The compiled loss of the best constant answer for these rows; None where it is not known."""
    import keras

    loss = case.loss
    if loss is None or not loss.builtin or not isinstance(y, np.ndarray):
        return None
    answer = constant_answer(loss.name, loss.from_logits, y, (len(y), *output.shape[1:]))
    if answer is None:
        return None
    given = loss.given
    function = keras.losses.get(given) if isinstance(given, str) else given
    if not loss.name.startswith("sparse") and y.ndim == answer.ndim - 1 and answer.shape[-1] == 1:
        y = y[..., None]
    value = function(keras.ops.convert_to_tensor(y), keras.ops.convert_to_tensor(answer))
    return float(np.mean(keras.ops.convert_to_numpy(value)))


def accuracy_of(y: Any, output: Any) -> float | None:
    """Share of rows answered rightly; None where the targets are no classes."""
    from headstart.doctor.case import class_ids

    ids = class_ids(y)
    if ids is None or not isinstance(output, np.ndarray) or len(output) != len(ids):
        return None
    flat = output.reshape(len(ids), -1)
    if flat.shape[1] > 1:
        return float((flat.argmax(axis=1) == ids).mean())
    if set(np.unique(ids)) - {0, 1} or flat.min() < 0 or flat.max() > 1:
        return None
    return float(((flat[:, 0] > 0.5) == (ids > 0)).mean())
