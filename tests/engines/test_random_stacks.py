"""The channels-first pass on random stacks of Keras layers."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headstart.engines.openvino.channels_first import rewrite, transposes

from . import networks

SIZE = 24
BLOCKS = (
    "conv", "conv_valid", "depthwise", "separable", "norm", "relu", "relu6", "swish", "prelu", "max",
    "average", "same_max", "pad", "crop", "add", "gate", "join", "excite", "upsample", "layer_norm",
    "dense", "scale",
)  # fmt: skip


def grow(keras: ModuleType, x: Any, block: str) -> Any:
    """Adds one block to a network; one that would not fit is left out."""
    layers, (height, width, channels) = keras.layers, x.shape[1:]
    small = min(height, width) < 4
    if small and block in ("conv_valid", "max", "average", "same_max", "crop"):
        return x
    match block:
        case "conv":
            return layers.Conv2D(6, 3, padding="same", strides=1 if small else 2)(x)
        case "conv_valid":
            return layers.Conv2D(5, (1, 3), dilation_rate=1)(x)
        case "depthwise":
            return layers.DepthwiseConv2D(3, padding="same", depth_multiplier=1)(x)
        case "separable":
            return layers.SeparableConv2D(5, 3, padding="same")(x)
        case "norm":
            return layers.BatchNormalization()(x)
        case "relu":
            return layers.ReLU()(x)
        case "relu6":
            return layers.ReLU(max_value=6.0, negative_slope=0.0)(x)
        case "swish":
            return layers.Activation("swish")(x)
        case "prelu":
            return layers.PReLU(shared_axes=[1, 2])(x)
        case "max":
            return layers.MaxPooling2D(2)(x)
        case "average":
            return layers.AveragePooling2D(3, strides=2, padding="same")(x)
        case "same_max":
            return layers.MaxPooling2D((3, 2), strides=1, padding="same")(x)
        case "pad":
            return layers.ZeroPadding2D(((1, 0), (2, 1)))(x)
        case "crop":
            return layers.Cropping2D(((1, 0), (0, 1)))(x)
        case "add":
            return layers.Add()([x, layers.Conv2D(channels, 1)(x)])
        case "gate":
            return layers.Multiply()([x, layers.Activation("sigmoid")(layers.Conv2D(channels, 1)(x))])
        case "join":
            return layers.Concatenate()([layers.Conv2D(3, 1)(x), x])
        case "excite":
            pooled = layers.GlobalAveragePooling2D()(x)
            inner = layers.Dense(3, activation="relu")(pooled)
            gate = layers.Reshape((1, 1, channels))(layers.Dense(channels, activation="sigmoid")(inner))
            return layers.Multiply()([x, gate])
        case "upsample":
            return layers.UpSampling2D(2)(x) if max(height, width) < 20 else x
        case "layer_norm":
            return layers.LayerNormalization(epsilon=1e-3)(x)
        case "dense":
            return layers.Dense(5, activation="gelu")(x)
        case _:
            return layers.Rescaling(0.5, offset=0.1)(x)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(blocks=st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=9), seed=st.integers(0, 99))
def test_random_stacks_compute_the_same(keras: ModuleType, blocks: list[str], seed: int) -> None:
    keras.backend.clear_session()
    pixels = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(pixels)
    for block in blocks:
        x = grow(keras, x, block)
    model = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(x))
    networks.randomise(model, seed)
    graph = networks.exported(model)
    rewritten = rewrite(graph)
    picture = networks.pictures(1, SIZE, seed)
    (expected,), (found,) = networks.outputs(graph, picture), networks.outputs(rewritten, picture)
    # A mean over random signs may come out near nothing; rounding is held against the pixels' own size, too.
    scale = max(float(np.abs(expected).max()), 0.05)
    assert float(np.abs(expected - found).max()) <= 1e-4 * scale
    assert transposes(rewritten) <= max(1, transposes(graph))
