"""Counts the multiply-adds of a Keras model, layer by layer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from headstart.core import backend

Shape = tuple[int | None, ...]


def count_multiply_adds(model: Any, input_shape: tuple[int, ...] | None = None) -> int:
    """The multiply-adds of one example through a functional or sequential Keras model.

    Counted are convolutions (plain, grouped, depthwise, separable, transposed), Dense and EinsumDense layers,
    in nested models too; a shared layer counts each time it is called. Additions, normalisation, activations
    and pooling, a few hundredths of the whole in the usual networks, are not counted.

    Args:
        model: The model; it is neither run nor changed.
        input_shape: Shape of one example, for a model whose own leaves sizes open.

    Raises:
        ValueError: If a size stays open.
    """
    keras = backend.ensure()
    own = [tuple(tensor.shape[1:]) for tensor in model.inputs]
    shapes = [input_shape] if input_shape is not None else own
    if any(size is None for shape in shapes for size in shape):
        raise ValueError(f"The model leaves sizes open: give input_shape. Received: {shapes}")
    counter = _Counter()
    inputs = [
        keras.KerasTensor((1, *shape), dtype=tensor.dtype)
        for shape, tensor in zip(shapes, model.inputs, strict=True)
    ]
    counter.run(model, inputs)
    return counter.total


class _Counter:
    """Walks a model with shapes in place of values."""

    def __init__(self) -> None:
        self.total = 0
        self.keras = backend.ensure()

    def run(self, model: Any, inputs: list[Any]) -> Any:
        if isinstance(model, self.keras.Sequential):
            value = inputs[0]
            for layer in model.layers:
                if not isinstance(layer, self.keras.layers.InputLayer):
                    value = self.step(layer)(value)
            return value
        packed = model._inputs_struct
        structure = self.keras.tree.pack_sequence_as(packed, inputs)
        return model._run_through_graph(structure, operation_fn=self.step)

    def step(self, operation: Any) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if hasattr(operation, "_run_through_graph") or isinstance(operation, self.keras.Sequential):
                return self.run(operation, self.keras.tree.flatten(args))
            outputs = self.outputs(operation, args, kwargs)
            flat = self.keras.tree.flatten(args)
            if flat and hasattr(flat[0], "shape"):
                first = self.keras.tree.flatten(outputs)[0]
                self.total += of_layer(operation, tuple(flat[0].shape), tuple(first.shape))
            return outputs

        return call

    def outputs(self, operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Shapes by arithmetic where the layer can; by tracing, which takes long on JAX, where it cannot."""
        plain = len(args) == 1 and self.keras.tree.is_nested(args[0]) is False
        if plain and not kwargs and isinstance(operation, self.keras.layers.Layer):
            try:
                shape = operation.compute_output_shape(tuple(args[0].shape))
            except NotImplementedError:  # a layer of the user's own, or LayerScale in ConvNeXt
                return operation.compute_output_spec(*args, **kwargs)
            if isinstance(shape, tuple) and all(isinstance(size, int) for size in shape):
                return self.keras.KerasTensor(shape, dtype=operation.compute_dtype)
        return operation.compute_output_spec(*args, **kwargs)


def of_layer(layer: Any, input_shape: Shape, output_shape: Shape) -> int:
    """The multiply-adds of one call of a layer, for one example; 0 for a layer without products.

    Args:
        layer: A built Keras layer or operation.
        input_shape: Shape of its (first) input, with the batch.
        output_shape: Shape of its output, with the batch.
    """
    layers = backend.ensure().layers
    if isinstance(layer, (layers.SeparableConv1D, layers.SeparableConv2D)):
        kernels = _size(layer.depthwise_kernel) + _size(layer.pointwise_kernel)
        return kernels * _positions(layer, output_shape)
    if isinstance(layer, (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)):
        return _size(layer.kernel) * _positions(layer, input_shape)
    if isinstance(layer, (layers.Conv1D, layers.Conv2D, layers.Conv3D)):
        return _size(layer.kernel) * _positions(layer, output_shape)
    if isinstance(layer, (layers.DepthwiseConv1D, layers.DepthwiseConv2D)):
        return _size(layer.kernel) * _positions(layer, output_shape)
    if isinstance(layer, layers.Dense):
        return _size(layer.kernel) * math.prod(_known(input_shape[1:-1]))
    if isinstance(layer, layers.EinsumDense):
        return _einsum(layer, input_shape)
    return 0


def _size(variable: Any) -> int:
    return int(math.prod(variable.shape))


def _positions(layer: Any, shape: Shape) -> int:
    """Places in space that a convolution's kernel is applied to."""
    return math.prod(_known(shape[1:-1] if layer.data_format == "channels_last" else shape[2:]))


def _einsum(layer: Any, input_shape: Shape) -> int:
    """The product of the sizes of all letters but the batch's."""
    left, _ = layer.equation.replace(" ", "").split("->")
    data, kernel = left.split(",")
    data = data.replace("...", "")
    sizes = dict(zip(data, input_shape[-len(data) :], strict=True))
    sizes |= dict(zip(kernel, layer.kernel.shape, strict=True))
    batch = {data[0]} if len(data) == len(input_shape) else set()
    skipped = 1 if batch else len(input_shape) - len(data)
    open_sizes = input_shape[1:skipped]
    return math.prod(
        _known(tuple(size for letter, size in sizes.items() if letter not in batch))
    ) * math.prod(_known(open_sizes))


def _known(shape: Shape) -> tuple[int, ...]:
    if any(size is None for size in shape):
        raise ValueError(f"A size is open: give input_shape. Received: shape={shape}")
    return tuple(int(size) for size in shape if size is not None)
