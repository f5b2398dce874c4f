"""Loss, gradients and updates on the live model, on whichever backend is there."""

from __future__ import annotations

from typing import Any

import numpy as np


def loss_and_gradients(model: Any, x: Any, y: Any, weight: Any = None) -> tuple[float, list[tuple[Any, Any]]]:
    """The model's own loss on a batch in training mode, and its gradients.

    Args:
        model: A compiled and built model.
        x, y, weight: A batch as NumPy arrays or structures of them.

    Returns:
        The loss, and pairs of a trainable weight and its gradient (None where none reaches it).
    """
    import keras

    backend = keras.config.backend()
    variables = list(model.trainable_variables)
    if backend == "tensorflow":
        return _tensorflow(model, variables, x, y, weight)
    if backend == "torch":
        return _torch(model, variables, x, y, weight)
    if backend == "jax":
        return _jax(model, variables, x, y, weight)
    raise ValueError(f"the backend must be one with gradients. Received: backend={backend!r}")


def _tensors(value: Any) -> Any:
    import keras

    if value is None:
        return None
    if isinstance(value, dict):
        return {key: _tensors(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_tensors(part) for part in value)
    return keras.ops.convert_to_tensor(value)


def _tensorflow(model: Any, variables: list[Any], x: Any, y: Any, weight: Any) -> tuple[float, list[Any]]:
    import tensorflow as tf

    x, y, weight = _tensors(x), _tensors(y), _tensors(weight)
    # Watching what is trained and no more: else the way back through a frozen backbone is gone for nothing.
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        for v in variables:
            tape.watch(v.value)
        predictions = model(x, training=True)
        loss = model.compute_loss(x=x, y=y, y_pred=predictions, sample_weight=weight, training=True)
    gradients = tape.gradient(loss, [v.value for v in variables])
    dense = [tf.convert_to_tensor(g) if g is not None else None for g in gradients]
    return float(loss), list(zip(variables, dense, strict=True))


def _torch(model: Any, variables: list[Any], x: Any, y: Any, weight: Any) -> tuple[float, list[Any]]:
    x, y, weight = _tensors(x), _tensors(y), _tensors(weight)
    kept = [v.value.grad for v in variables]
    try:
        for v in variables:
            v.value.grad = None
        predictions = model(x, training=True)
        loss = model.compute_loss(x=x, y=y, y_pred=predictions, sample_weight=weight, training=True)
        if loss.requires_grad:
            loss.backward()
        gradients = [None if v.value.grad is None else v.value.grad.detach().clone() for v in variables]
    finally:
        for v, old in zip(variables, kept, strict=True):
            v.value.grad = old
    return float(loss.detach()), list(zip(variables, gradients, strict=True))


def _jax(model: Any, variables: list[Any], x: Any, y: Any, weight: Any) -> tuple[float, list[Any]]:
    import jax
    import keras

    x, y, weight = _tensors(x), _tensors(y), _tensors(weight)
    frozen = list(model.non_trainable_variables)

    def of(values: list[Any]) -> Any:
        mapping = [(v, value) for v, value in zip(variables, values, strict=True)]
        mapping += [(v, v.value) for v in frozen]
        with keras.StatelessScope(state_mapping=mapping):
            predictions = model(x, training=True)
            return model.compute_loss(x=x, y=y, y_pred=predictions, sample_weight=weight, training=True)

    loss, gradients = jax.value_and_grad(of)([v.value for v in variables])
    return float(loss), list(zip(variables, gradients, strict=True))


def rows_finite(value: Any) -> bool:
    """Whether every number of an array is finite."""
    return bool(np.isfinite(np.asarray(value, dtype=np.float64)).all())


def optimizer_like(optimizer: Any, rate: float | None = None) -> Any:
    """A new optimizer with the settings of another, at another constant rate if one is given."""
    config = optimizer.get_config()
    if rate is not None:
        config["learning_rate"] = rate
    return type(optimizer).from_config(config)


def train(
    model: Any, optimizer: Any, batch: tuple[Any, Any, Any], steps: int, seconds: float = 3.0
) -> list[float]:
    """Takes steps on one batch with a given optimizer; the caller puts the weights back.

    Returns:
        The loss before each step, as far as the time allowed; it ends early where the loss is not finite.
    """
    import time

    losses: list[float] = []
    started = time.perf_counter()
    while len(losses) < steps and (len(losses) < 2 or time.perf_counter() - started < seconds):
        loss, pairs = loss_and_gradients(model, *batch)
        losses.append(loss)
        if not np.isfinite(loss):
            break
        reached = [(v, g) for v, g in pairs if g is not None]
        if not reached:
            break
        optimizer.apply([g for _, g in reached], [v for v, _ in reached])
    return losses
