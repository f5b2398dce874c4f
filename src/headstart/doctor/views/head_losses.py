"""What a loss asks of an output: whether it compares numbers, and what it makes of given ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.probes.heads import Head

Array = np.ndarray[Any, Any]

REGRESSION = (
    "mean_squared_error",
    "mean_absolute_error",
    "huber",
    "log_cosh",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
)
"""Losses that are least where the output equals the target."""


def loss_of_numbers(name: str, y: Array, output: Array, from_logits: bool) -> float:
    """Keras's cross-entropy of given numbers, cut off from whatever graph they came from."""
    import keras

    config = {"from_logits": from_logits}
    loss = keras.losses.get({"class_name": "".join(p.title() for p in name.split("_")), "config": config})
    return float(to_numpy(loss(y, np.array(output))))


def is_regression(head: Head) -> bool:
    """Whether the loss is least where output and targets of one shape are equal, and grows to both sides."""
    loss, y = head.loss, head.y
    if loss is None or y is None or not head.fits or len(head.numbers) != y.size:
        return False
    if loss.builtin or isinstance(loss.given, str):
        return loss.name in REGRESSION
    import keras

    y = y[:64].astype(np.float32)
    step = float(y.std()) or 1.0
    values = []
    try:
        for shift in (0.0, step, 3 * step, -step, -3 * step):
            tensors = [keras.ops.convert_to_tensor(a) for a in (y, (y + shift).astype(np.float32))]
            values.append(float(np.mean(to_numpy(loss.given(*tensors)))))
    except Exception:
        # A loss of the user's own may want what only training has.
        return False
    least, up, further_up, down, further_down = values
    return bool(np.isfinite(values).all() and least < up < further_up and least < down < further_down)


def out_of_reach(y: Array, low: float, high: float) -> tuple[float, float]:
    """How much of targets lies beyond what an output can give.

    Returns:
        The share of targets outside, and the share of their variance that the best possible output leaves.
    """
    rows = y.reshape(len(y), -1).astype(np.float64)
    over = np.maximum(rows - high, 0) if np.isfinite(high) else np.zeros_like(rows)
    beyond = over + np.maximum(low - rows, 0)
    spread = float(((rows - rows.mean(axis=0)) ** 2).sum())
    return float((beyond > 0).mean()), float((beyond**2).sum()) / spread if spread else 0.0
