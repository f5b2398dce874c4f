"""Networks for these tests, with weights that leave nothing at its neutral value."""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from headstart.core import backend
from headstart.engines.openvino import processor
from headstart.engines.openvino.export import export_graph
from headstart.engines.openvino.graph import take_bytes


def randomise(model: Any, seed: int = 0) -> None:
    """Gives every weight a value, so that no bias is 0, no scale 1 and no variance 1."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        shape, kind = tuple(weight.shape), weight.path.rsplit("/", 1)[-1]
        if kind in ("moving_variance", "variance"):
            value = rng.uniform(0.5, 2.0, shape)
        elif kind == "gamma":
            value = rng.uniform(0.5, 1.5, shape)
        elif kind in ("beta", "bias", "moving_mean", "mean"):
            value = rng.normal(0, 0.3, shape)
        elif len(shape) >= 2:
            # He: a depthwise kernel, whose last axis is 1, sums over its window alone.
            fan_in = np.prod(shape[:2]) if len(shape) == 4 and shape[3] == 1 else np.prod(shape[:-1])
            value = rng.normal(0, np.sqrt(2 / fan_in), shape)
        else:
            continue
        weight.assign(value.astype(np.float32))


def family(name: str, size: int) -> Any:
    """A network of keras.applications from raw pixels to pooled features."""
    keras = backend.ensure()
    pixels = keras.Input((size, size, 3))
    own_scaling = name.startswith(("Efficient", "MobileNetV3", "ConvNeXt"))
    scaled = pixels if own_scaling else keras.layers.Rescaling(1 / 127.5, -1)(pixels)
    base = getattr(keras.applications, name)(weights=None, include_top=False, input_shape=(size, size, 3))
    randomise(base)
    return keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(base(scaled)))


def exported(model: Any) -> ov.Model:
    """The untouched graph, taking one uint8 picture."""
    return take_bytes(export_graph(model))


def outputs(graph: ov.Model, *inputs: NDArray[np.generic]) -> list[NDArray[np.float32]]:
    """What a graph computes, in f32."""
    compiled = processor.core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    found = compiled(list(inputs))
    return [np.array(found[index]) for index in range(len(graph.outputs))]


def pictures(n: int, size: int, seed: int = 1) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (n, size, size, 3), dtype=np.uint8)


def apart(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Largest difference, relative to the largest value of the first."""
    assert a.shape == b.shape
    assert np.isfinite(a).all()
    assert np.abs(a).max() > 0
    return float(np.abs(a - b).max() / np.abs(a).max())
