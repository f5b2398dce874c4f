"""Raw RGB 0..255 to what the weights were trained on, in built-in Keras layers.

Every style is one layer. A picture's bytes are whole numbers up to 255, which bfloat16 holds exactly, and so
does the difference to 127 or 127.5. So the subtraction comes first and the division after: in the other
order (`x / 127.5 - 1`) an engine that runs bfloat16 rounds before it subtracts, and loses the middle greys.
"""

from __future__ import annotations

from typing import Any

from headstart.backbones.records import Preprocessing
from headstart.core import backend

LAYER = "preprocess"
"""Name of the preprocessing layer in every trunk that has one."""

CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)
"""ImageNet's mean of blue, green and red; source: keras.applications, mode 'caffe'."""

TORCH_MEAN = (0.485, 0.456, 0.406)
TORCH_DEVIATION = (0.229, 0.224, 0.225)
"""ImageNet's mean and deviation of red, green and blue in [0, 1]; source: keras.applications, 'torch'."""


def apply(style: Preprocessing, pixels: Any) -> Any:
    """Puts the preprocessing behind `pixels`, a Keras tensor of shape (n, height, width, 3).

    Returns:
        A Keras tensor of the same shape; `pixels` itself for 'inside'.
    """
    if style == "inside":
        return pixels
    if style == "caffe":
        return _caffe(pixels)
    if style == "tf":
        return _standardise(pixels, (127.5,) * 3, (127.5,) * 3)
    if style == "lite":
        return _standardise(pixels, (127.0,) * 3, (128.0,) * 3)
    mean = tuple(255 * value for value in TORCH_MEAN)
    return _standardise(pixels, mean, tuple(255 * value for value in TORCH_DEVIATION))


def _standardise(pixels: Any, mean: tuple[float, ...], deviation: tuple[float, ...]) -> Any:
    keras = backend.ensure()
    variance = [value**2 for value in deviation]
    return keras.layers.Normalization(mean=list(mean), variance=variance, name=LAYER)(pixels)


def _caffe(pixels: Any) -> Any:
    """Red and blue change places and the means go, by a 1x1 convolution with fixed weights.

    Keras has no layer that reorders channels. The products with 1 and 0 are exact in every precision,
    so this is one subtraction, rounded once.
    """
    keras = backend.ensure()
    import numpy as np

    layer = keras.layers.Conv2D(3, 1, kernel_initializer="zeros", name=LAYER, trainable=False)
    result = layer(pixels)
    swap = np.eye(3, dtype=np.float32)[::-1].reshape(1, 1, 3, 3)
    layer.set_weights([swap, -np.asarray(CAFFE_MEAN_BGR, np.float32)])
    return result
