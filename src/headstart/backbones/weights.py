"""How weights get into a network: from Keras's files, from a package's state dict, or drawn at random."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from headstart.backbones import files, litenet, preprocessing, statedict
from headstart.backbones.network import Network
from headstart.backbones.records import Backbone
from headstart.core import backend
from headstart.core.errors import WeightsError

STDDEV = (0.229, 0.224, 0.225)
"""What keras.applications divides EfficientNet's input by once more where it loads the ImageNet weights."""


def load(backbone: Backbone, network: Network, source: str | Path, path: Path) -> str:
    """Loads weights into a network.

    Args:
        backbone: The record.
        network: Its layers.
        source: What was asked for: 'imagenet', 'download' or a file.
        path: The file, as `files.locate` found it.

    Returns:
        The source in words.

    Raises:
        WeightsError: If the file cannot be read or does not fit.
    """
    if backbone.application is None and path.suffix in (".pth", ".pt"):
        litenet.assign(backbone.name, network.full, statedict.read(path.read_bytes(), path.name))
    else:
        _load_file(backbone, network, path)
        if source in ("imagenet", "download") or files.is_genuine(backbone, path):
            _mend_efficientnet(backbone, network)
    if source not in ("imagenet", "download"):
        return f"file {path.name}"
    package = backbone.weights.package
    return f"imagenet, from the package {package.replace('_', '-')}" if package else f"imagenet, {path.name}"


def randomise(network: Network, seed: int) -> str:
    """Fills a network with seeded random values, the same on every backend: for tests and for timing.

    Returns:
        The source in words.
    """
    generator = np.random.default_rng(seed)
    for layer in network.full.layers:
        for weight in getattr(layer, "weights", []):
            if layer.name != preprocessing.LAYER:
                weight.assign(_random(generator, tuple(weight.shape), weight.name))
    return f"random, seed {seed}"


def _random(generator: np.random.Generator, shape: tuple[int, ...], name: str) -> np.ndarray[Any, Any]:
    if name == "gamma":  # below 1, or the sums of a deep residual network grow without end
        return generator.uniform(0.3, 0.9, shape).astype(np.float32)
    if name in ("moving_variance", "variance"):
        return generator.uniform(0.5, 1.5, shape).astype(np.float32)
    if name == "count":
        return np.zeros(shape, np.int32)
    if len(shape) < 2:
        return generator.normal(0, 0.1, shape).astype(np.float32)
    fan_in = float(np.prod(shape[:-1]) if "depthwise" not in name else np.prod(shape[:2]))
    return generator.standard_normal(shape, np.float32) * np.float32(np.sqrt(2.0 / fan_in))


def _load_file(backbone: Backbone, network: Network, path: Path) -> None:
    try:
        network.core.load_weights(str(path))
    except Exception as error:  # Keras and h5py raise nearly anything at a file that does not fit
        reason = " ".join(str(error).split())[:300]
        raise WeightsError(
            f"Weights for {backbone.name} are a .h5, .weights.h5 or .keras file of it without its top",
            f"{path.name}, which Keras cannot load into it ({reason})",
            "use a file that was saved from this network with include_top=False",
        ) from error


def _mend_efficientnet(backbone: Backbone, network: Network) -> None:
    """Gives EfficientNet B0 to B7 the input scale of its ImageNet weights.

    Their files hold deviations where Keras's layer expects variances; with weights="imagenet" Keras adds a
    layer that divides by the root of the deviation again, and with a file it does not. Here the same
    factor goes into the variance: x / sqrt(v) / sqrt(s) is x / sqrt(v * s).
    """
    if backbone.family != "efficientnet":
        return
    keras = backend.ensure()
    for layer in network.full.layers:
        if isinstance(layer, keras.layers.Normalization):
            mean, variance, *rest = map(keras.ops.convert_to_numpy, layer.weights)
            layer.set_weights([mean, variance * np.asarray(STDDEV, np.float32), *rest])
            layer.finalize_state()
