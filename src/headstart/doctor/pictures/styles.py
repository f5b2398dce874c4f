"""How pixels are scaled: told from statistics, undone, and done in a backbone's own style."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from headstart.doctor.probes.flow import Stats

Array = np.ndarray[Any, Any]
Style = Literal["raw", "unit", "tf", "caffe", "torch", "tiny", "unknown"]
"""raw: 0..255. unit: 0..1. tf: -1..1. caffe: BGR less the ImageNet mean. torch: 0..1 standardised by the
ImageNet mean and deviation. tiny: scaled down twice."""

CAFFE_MEAN = np.array([103.939, 116.779, 123.68], dtype=np.float32)
"""Means of blue, green, red. Source: keras.applications."""
TORCH_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
TORCH_STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)
"""Means and deviations of red, green, blue. Source: keras.applications."""

RANGE = {
    "raw": "0 to 255",
    "unit": "0 to 1",
    "tf": "-1 to 1",
    "caffe": "BGR less the ImageNet mean, about -124 to 151",
    "torch": "standardised by the ImageNet mean and deviation, about -2.1 to 2.6",
    "tiny": "0 to about 0.004",
    "inside": "0 to 255",
}
"""What each style looks like, for messages."""


def style_of(stats: Stats) -> Style:
    """The style that a batch of pictures is scaled in, from its lowest and highest value and its spread."""
    low, high = stats.low, stats.high
    if not stats.finite or high - low < 1e-6:
        return "unknown"
    if low >= -0.05:
        if high <= 0.02:
            return "tiny"
        if high <= 1.1:
            return "unit"
        return "raw" if 8 < high <= 256 and stats.std > 2 else "unknown"
    if low >= -1.05 and high <= 1.05:
        return "tf"
    if -2.3 <= low <= -1.05 and high <= 2.8:
        return "torch"
    if -130 <= low <= -40 and high <= 160:
        return "caffe"
    return "unknown"


def to_raw(pixels: Array, style: Style) -> Array | None:
    """RGB pixels 0..255 from pixels in a style; None where that cannot be undone."""
    pixels = pixels.astype(np.float32)
    if style == "raw":
        raw = pixels
    elif style == "unit":
        raw = pixels * 255
    elif style == "tiny":
        raw = pixels * 255 * 255
    elif style == "tf":
        raw = (pixels + 1) * 127.5
    elif style == "caffe":
        raw = (pixels + CAFFE_MEAN)[..., ::-1]
    elif style == "torch":
        raw = (pixels * TORCH_STD + TORCH_MEAN) * 255
    else:
        return None
    return np.asarray(np.clip(raw, 0, 255))


def in_style(raw: Array, style: str) -> Array:
    """Pixels in a backbone's style ("inside" takes them raw)."""
    if style == "tf":
        return raw / 127.5 - 1
    if style == "unit":
        return raw / 255
    if style == "caffe":
        return raw[..., ::-1] - CAFFE_MEAN
    if style == "torch":
        return (raw / 255 - TORCH_MEAN) / TORCH_STD
    return raw
