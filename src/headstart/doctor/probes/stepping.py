"""Training steps compiled once and taken many times, on each backend."""

from __future__ import annotations

import abc
from typing import Any, Protocol

import numpy as np

from headstart.doctor.capture.samples import rows_of, take_rows
from headstart.doctor.probes.steps import _tensors
from headstart.doctor.probes.untouched import value_of

Array = np.ndarray[Any, Any]

MOST = 500
"""The most steps of a run."""


class Stepper(Protocol):
    """Steps of one optimizer on one model."""

    def begin(self, rate: float | None) -> None:
        """Makes the optimizer as good as new, at a rate."""

    def steps(self, data: tuple[Any, Any, Any], order: Array, start: int, stop: int) -> list[float]:
        """Takes the steps from `start` to `stop`; gives the loss before each, to the first that is no number.

        Args:
            data: x, y and weights of all rows.
            order: The rows of each step, of shape (MOST, rows of a step).
        """

    def step(self, batch: Any) -> float:
        """Takes a step on one batch; gives the loss before it."""

    def end(self) -> None:
        """Makes the model hold the weights that were reached."""

    def loss(self, batch: Any) -> float:
        """The loss of rows in inference mode, without the penalties of weight regularisers."""


def stepper(model: Any, optimizer: Any, penalty: float = 1.0) -> Stepper:
    """Steps for the backend at hand.

    Args:
        penalty: A factor on the penalties of weight regularisers.
    """
    import keras

    kinds: dict[str, type[_Common]] = {"tensorflow": _TensorFlow, "jax": _Jax, "torch": _Torch}
    backend = keras.config.backend()
    if backend not in kinds:
        raise ValueError(f"the backend must be one with gradients. Received: backend={backend!r}")
    return kinds[backend](model, optimizer, penalty)


def penalties(model: Any) -> Any:
    """The sum of all penalties of weight regularisers, as a tensor or 0."""
    import keras

    found = [keras.ops.sum(v.regularizer(v)) for v in model.trainable_variables if v.regularizer is not None]
    return sum(found) if found else 0.0


class _Common(abc.ABC):
    def __init__(self, model: Any, optimizer: Any, penalty: float) -> None:
        self.model = model
        self.optimizer = optimizer
        self.penalty = penalty
        self.variables = list(model.trainable_variables)
        optimizer.build(self.variables)
        self.fresh = [(v, value_of(v)) for v in optimizer.variables]

    def begin(self, rate: float | None) -> None:
        for variable, value in self.fresh:
            variable.assign(value)
        if rate is not None:
            self.optimizer.learning_rate = rate

    def end(self) -> None:
        return

    def steps(self, data: tuple[Any, Any, Any], order: Array, start: int, stop: int) -> list[float]:
        losses: list[float] = []
        for index in order[start:stop]:
            losses.append(self.step(tuple(take_rows(part, index) for part in data)))
            if not np.isfinite(losses[-1]):
                break
        return losses

    @abc.abstractmethod
    def step(self, batch: Any) -> float:
        """Takes a step; gives the loss before it. Each backend has a way of its own."""

    def total(self, x: Any, y: Any, weight: Any, training: bool, penalty: float) -> Any:
        predictions = self.model(x, training=training)
        loss = self.model.compute_loss(x=x, y=y, y_pred=predictions, sample_weight=weight, training=training)
        return loss if penalty == 1.0 else loss - (1.0 - penalty) * penalties(self.model)

    def loss(self, batch: Any) -> float:
        x, y, weight = (_tensors(part) for part in batch)
        return float(np.mean(value_of(self.total(x, y, weight, False, 0.0))))


def _gathered(part: Any, index: Any) -> Any:
    import tensorflow as tf

    if part is None:
        return None
    if isinstance(part, dict):
        return {key: _gathered(value, index) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return type(part)(_gathered(value, index) for value in part)
    return tf.gather(part, index)


class _TensorFlow(_Common):
    def __init__(self, model: Any, optimizer: Any, penalty: float) -> None:
        super().__init__(model, optimizer, penalty)
        import tensorflow as tf

        def step(x: Any, y: Any, weight: Any) -> Any:
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                for v in self.variables:
                    tape.watch(v.value)
                loss = self.total(x, y, weight, True, self.penalty)
            gradients = tape.gradient(loss, [v.value for v in self.variables])
            pairs = [(g, v) for g, v in zip(gradients, self.variables, strict=True) if g is not None]
            if pairs:
                self.optimizer.apply([g for g, _ in pairs], [v for _, v in pairs])
            return loss

        def several(data: Any, order: Any, start: Any, stop: Any) -> Any:
            def one(i: Any, _: Any, losses: Any) -> Any:
                loss = step(*(_gathered(part, order[i]) for part in data))
                loss = tf.cast(tf.reduce_mean(loss), tf.float32)
                return i + 1, loss, losses.write(i - start, loss)

            losses = tf.TensorArray(tf.float32, 0, dynamic_size=True, clear_after_read=False)
            begin = (start, tf.constant(0.0), losses)
            going = lambda i, last, _: tf.logical_and(i < stop, tf.math.is_finite(last))  # noqa: E731
            return tf.while_loop(going, one, begin, parallel_iterations=1)[2].stack()

        # The loop over steps is compiled too: calling a step from Python takes longer than a small step.
        self._several = tf.function(several, reduce_retracing=True, autograph=False)
        self._data: tuple[Any, Any] = (None, None)

    def steps(self, data: tuple[Any, Any, Any], order: Array, start: int, stop: int) -> list[float]:
        import tensorflow as tf

        if self._data[0] is not data:
            self._data = data, tuple(_tensors(part) for part in data)
        taken = self._several(
            self._data[1], tf.constant(order, tf.int32), tf.constant(start), tf.constant(stop)
        )
        return [float(loss) for loss in taken.numpy()]

    def step(self, batch: Any) -> float:
        order = np.arange(rows_of(batch[0]))[None]
        return self.steps(batch, order, 0, 1)[0]


class _Torch(_Common):
    def step(self, batch: Any) -> float:
        import torch

        x, y, weight = (_tensors(part) for part in batch)
        kept = [v.value.grad for v in self.variables]
        try:
            for v in self.variables:
                v.value.grad = None
            loss = self.total(x, y, weight, True, self.penalty)
            if not loss.requires_grad:
                return float(loss)
            loss.backward()
            pairs = [(v.value.grad, v) for v in self.variables if v.value.grad is not None]
            with torch.no_grad():
                if pairs:
                    self.optimizer.apply([g for g, _ in pairs], [v for _, v in pairs])
        finally:
            for v, old in zip(self.variables, kept, strict=True):
                v.value.grad = old
        return float(loss.detach())

    def loss(self, batch: Any) -> float:
        import torch

        with torch.no_grad():
            return super().loss(batch)


class _Jax(_Common):
    def __init__(self, model: Any, optimizer: Any, penalty: float) -> None:
        super().__init__(model, optimizer, penalty)
        import jax
        import keras

        self.frozen = list(model.non_trainable_variables)

        def of(values: Any, frozen: Any, x: Any, y: Any, weight: Any) -> Any:
            mapping = list(zip(self.variables, values, strict=True))
            mapping += list(zip(self.frozen, frozen, strict=True))
            with keras.StatelessScope(state_mapping=mapping) as scope:
                loss = self.total(x, y, weight, True, self.penalty)
            moved = [scope.get_current_value(v) for v in self.frozen]
            return loss, [old if new is None else new for old, new in zip(frozen, moved, strict=True)]

        def step(values: Any, frozen: Any, slots: Any, x: Any, y: Any, weight: Any) -> Any:
            (loss, frozen), gradients = jax.value_and_grad(of, has_aux=True)(values, frozen, x, y, weight)
            values, slots = self.optimizer.stateless_apply(slots, gradients, values)
            return loss, values, frozen, slots

        def inference(values: Any, frozen: Any, x: Any, y: Any, weight: Any) -> Any:
            mapping = list(zip(self.variables, values, strict=True))
            mapping += list(zip(self.frozen, frozen, strict=True))
            with keras.StatelessScope(state_mapping=mapping):
                return self.total(x, y, weight, False, 0.0)

        self._step = jax.jit(step)
        self._loss = jax.jit(inference)

    def begin(self, rate: float | None) -> None:
        super().begin(rate)
        self.values = [v.value for v in self.variables]
        self.others = [v.value for v in self.frozen]
        self.slots = [v.value for v in self.optimizer.variables]

    def step(self, batch: Any) -> float:
        x, y, weight = (_tensors(part) for part in batch)
        loss, self.values, self.others, self.slots = self._step(
            self.values, self.others, self.slots, x, y, weight
        )
        return float(loss)

    def end(self) -> None:
        for variable, value in [
            *zip(self.variables, self.values, strict=True),
            *zip(self.frozen, self.others, strict=True),
        ]:
            variable.assign(value)

    def loss(self, batch: Any) -> float:
        x, y, weight = (_tensors(part) for part in batch)
        return float(np.mean(np.asarray(self._loss(self.values, self.others, x, y, weight))))
