"""A graph quantised to int8 by NNCF on pictures, and kept as a file that is known by what it computes."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from headstart.core import hashing, quiet
from headstart.core.errors import EngineError
from headstart.engines.openvino import processor
from headstart.engines.openvino.graph import fingerprint

VERSION = 1
"""Raised whenever the same pictures would give another graph."""

PREFIX = "int8-"
"""How the name of a quantised graph begins; what follows is a hash of the graph and its trunk."""

SUFFIXES = (".bin", ".xml")
"""A graph's files, in the order in which they are put in place: what is looked for comes last."""


def require() -> None:
    """Says what is missing where NNCF is, before any work is done.

    Raises:
        EngineError: If NNCF is not installed.
    """
    if importlib.util.find_spec("nncf") is None:
        raise missing("no package of that name")


def missing(why: str) -> EngineError:
    """The error where NNCF cannot be used."""
    return EngineError(
        "--precision int8 needs the package nncf, which quantises",
        why,
        "install it with pip install 'headstart[int8]', or use --precision auto",
    )


def version() -> str:
    """NNCF's version; what it makes depends on it."""
    from importlib.metadata import version as of

    return of("nncf")


def quantise(graph: ov.Model, pictures: Sequence[NDArray[np.uint8]]) -> ov.Model:
    """Quantises weights and activations of a graph to int8.

    Ranges of the activations are measured on the pictures, in f32, and the shift that rounding brings to
    each layer's mean is taken out of its bias (NNCF's fast bias correction). The same pictures give the
    same graph.

    Args:
        graph: Takes one uint8 picture, best in channels-first order: in the order that Keras exports there is
            next to nothing that can be quantised. It is left as it is.
        pictures: Such as the graph is to see, uint8 (height, width, 3) each.

    Raises:
        EngineError: If NNCF is missing, or cannot quantise the graph.
    """
    nncf = _nncf()
    try:
        # NNCF draws progress bars and has no switch for them.
        with contextlib.redirect_stdout(io.StringIO()):
            made: ov.Model = nncf.quantize(
                graph.clone(),
                nncf.Dataset(list(pictures), lambda pixels: pixels[None]),
                preset=nncf.QuantizationPreset.PERFORMANCE,
                target_device=nncf.TargetDevice.CPU,
                subset_size=len(pictures),
                fast_bias_correction=True,
            )
    # NNCF has errors of its own in two packages, OpenVINO's are RuntimeErrors.
    except Exception as error:
        raise EngineError(
            "--precision int8 works for backbones that NNCF can quantise",
            f"one that it refused ({type(error).__name__}: {_last_line(error)})",
            "use --precision auto",
        ) from error
    return made


def keep(graph: ov.Model, trunk: str, folder: Path) -> str:
    """Writes a quantised graph into a folder, whole or not at all, and gives its name.

    Args:
        graph: From `quantise`.
        trunk: Key of the trunk that it was made from.
        folder: Made where it is missing.

    Raises:
        OSError: If it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".int8-", dir=folder, ignore_cleanup_errors=True) as part:
        written = Path(part) / "graph.xml"
        # Half precision would be the default, and would change what is not quantised.
        ov.save_model(graph, written, compress_to_fp16=False)
        # Named by what is read back: that is what will be computed with.
        name = _name(processor.core().read_model(written), trunk)
        for suffix in SUFFIXES:
            written.with_suffix(suffix).replace(folder / (name + suffix))
    return name


def read(name: str, trunk: str, folder: Path) -> ov.Model | None:
    """A graph that was kept under a name; None where it is not there, or is not what its name says."""
    file = folder / f"{name}.xml"
    if not file.is_file():
        return None
    try:
        graph: ov.Model = processor.core().read_model(file)
    except RuntimeError:
        return None
    return graph if _name(graph, trunk) == name else None


def copy(name: str, source: Path, target: Path) -> tuple[str, ...]:
    """Copies a graph's files from one folder to another, and gives their names."""
    names = tuple(name + suffix for suffix in SUFFIXES)
    for one in names:
        shutil.copyfile(source / one, target / one)
    return names


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no message"])[-1][:300]


def _name(graph: ov.Model, trunk: str) -> str:
    about = {"graph": fingerprint(graph), "trunk": trunk, "version": VERSION}
    return PREFIX + hashing.of_settings(about)[:16]


def _nncf() -> ModuleType:
    """NNCF, imported without its messages, and with nothing that could send anything."""
    quiet.silence()
    kind = logging.getLoggerClass()
    try:
        import nncf
    except ImportError as error:
        raise missing(f"an import that failed ({error})") from error
    finally:
        # NNCF makes every logger that is made after it one of its own.
        logging.setLoggerClass(kind)
    logging.getLogger("nncf").setLevel(logging.ERROR)
    found: ModuleType = nncf
    return found
