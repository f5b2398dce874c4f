"""Runs a trunk on the Keras backend that trains, while that backend trains the tail or before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.engines.protocol import Arrays, TensorEngine

if TYPE_CHECKING:
    import keras

Run = Callable[[Arrays], list[NDArray[Any]]]
"""Takes the trunk's inputs, each of shape (n, ...); gives the cut tensors, each of shape (n, ...)."""


def keras_runner(trunk: keras.Model, training: bool = False) -> Run:
    """A function that runs a trunk, and that draws from no random stream outside the trunk.

    `predict` is not used: it draws from PyTorch's global stream for each call, which would shift the order of
    batches that a seed gives.

    Args:
        trunk: The frozen part.
        training: The flag that its layers get; it matters to random augmentation alone.
    """
    import keras

    backend = keras.backend.backend()
    if backend == "jax":
        forward = _jax(trunk, training)
    elif backend == "torch":
        forward = _torch(trunk, training)
    else:
        forward = _tensorflow(trunk, training)
    inputs = trunk.inputs

    def run(arrays: Arrays) -> list[NDArray[Any]]:
        given = [fitted(array, tensor) for array, tensor in zip(arrays, inputs, strict=True)]
        outputs = forward(given[0] if len(given) == 1 else given)
        listed = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
        return [keras.ops.convert_to_numpy(output) for output in listed]

    return run


def fitted(array: NDArray[Any], tensor: Any) -> NDArray[Any]:
    """An array in the type and rank of a model's input; as in Keras, a last axis of 1 may come or go."""
    if array.ndim == len(tensor.shape) - 1 and tensor.shape[-1] == 1:
        array = array[..., np.newaxis]
    elif array.ndim == len(tensor.shape) + 1 and array.shape[-1] == 1:
        array = array[..., 0]
    return array.astype(tensor.dtype, copy=False) if tensor.dtype != "bfloat16" else array


class FittedTensors:
    """An engine that is given a trunk's inputs as the user gives them; see `TensorEngine`.

    Args:
        engine: Takes them in their exact types and ranks.
        tensors: The trunk's symbolic inputs.
    """

    def __init__(self, engine: TensorEngine, tensors: Sequence[Any]) -> None:
        self.info = engine.info
        self._engine = engine
        self._tensors = tensors

    @property
    def batch(self) -> int:
        """How many samples are best given at once."""
        return self._engine.batch

    def compute(self, arrays: Arrays) -> list[NDArray[Any]]:
        """Computes what the trunk gives; see `TensorEngine.compute`."""
        return self._engine.compute(
            [fitted(array, tensor) for array, tensor in zip(arrays, self._tensors, strict=True)]
        )

    def close(self) -> None:
        """Closes the engine."""
        self._engine.close()


def _tensorflow(trunk: keras.Model, training: bool) -> Callable[[Any], Any]:
    import tensorflow as tf

    forward: Callable[[Any], Any] = tf.function(
        lambda inputs: trunk(inputs, training=training), reduce_retracing=True
    )
    return forward


def _torch(trunk: keras.Model, training: bool) -> Callable[[Any], Any]:
    import torch

    def forward(inputs: Any) -> Any:
        with torch.no_grad():
            return trunk(inputs, training=training)

    return forward


def _jax(trunk: keras.Model, training: bool) -> Callable[[Any], Any]:
    import jax

    # While JAX trains, Keras takes the values out of all of the model's variables and gives their memory
    # away, so the trunk runs on copies of its own.
    trainable = [jax.numpy.array(variable.value) for variable in trunk.trainable_variables]
    fixed = [jax.numpy.array(variable.value) for variable in trunk.non_trainable_variables]

    @jax.jit  # type: ignore[untyped-decorator, unused-ignore]
    def compiled(fixed: Any, inputs: Any) -> Any:
        return trunk.stateless_call(trainable, fixed, inputs, training=training)

    def forward(inputs: Any) -> Any:
        nonlocal fixed
        n = len(inputs[0] if isinstance(inputs, list) else inputs)
        # A new size would be compiled anew; sizes are rounded up to a power of two.
        size = 1 << (n - 1).bit_length()
        padded = jax.tree.map(
            lambda array: np.concatenate([array, np.repeat(array[-1:], size - n, axis=0)]), inputs
        )
        outputs, fixed = compiled(fixed, padded)
        return jax.tree.map(lambda array: array[:n], outputs)

    return forward
