"""From a Keras model to a file that ONNX Runtime runs."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from headstart.core.errors import EngineError
from headstart.engines import child

PACKAGES = ("onnxruntime", "onnxscript", "torch")
"""What runs ONNX, and what writes it: of the exporters that Keras has, PyTorch's alone gave graphs that ran.
The models may come from any backend."""


def missing() -> tuple[str, ...]:
    """The packages that the ONNX engine lacks here."""
    return tuple(package for package in PACKAGES if importlib.util.find_spec(package) is None)


def require() -> None:
    """Says which packages are missing, before any work is done.

    Raises:
        EngineError: If one of them is not installed.
    """
    if lacking := missing():
        raise EngineError(
            f"The ONNX engine needs the packages {', '.join(PACKAGES)}",
            f"an environment without {', '.join(lacking)}",
            "install them with pip install 'headstart[onnx]', or use --engine openvino",
        )


def export_onnx(saved: Path, name: str, graph: Path) -> None:
    """Exports a .keras file in a short child process, for one sample at a time.

    Args:
        saved: The file; no code in it is run.
        name: What to call the model in an error.
        graph: Where to write it.

    Raises:
        EngineError: If a package is missing, or the model cannot be exported.
    """
    require()
    child.export("ONNX", "torch", name, saved, graph)
