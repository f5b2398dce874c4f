"""From a Keras model to a running ONNX engine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.core.errors import EngineError
from headstart.engines.onnx.engine import OnnxEngine, OnnxTensors
from headstart.engines.onnx.export import export_onnx

if TYPE_CHECKING:
    from collections.abc import Sequence

    import keras


def open_onnx(model: keras.Model) -> OnnxEngine:
    """Makes an ONNX Runtime engine of a Keras model, in f32.

    Args:
        model: From raw RGB, float (batch, height, width, 3) in 0..255 with fixed height and width, to
            features (batch, width).

    Raises:
        EngineError: If a package is missing, or the model cannot be exported or run.
    """
    with tempfile.TemporaryDirectory(prefix="headstart-", ignore_cleanup_errors=True) as folder:
        saved = Path(folder) / "trunk.keras"
        model.save(saved)
        return OnnxEngine(open_saved(saved, model.name, []))


def open_saved(saved: Path, name: str, names: Sequence[str]) -> OnnxTensors:
    """Makes an ONNX Runtime engine of a .keras file of any inputs and outputs, in f32.

    Args:
        saved: The file; no code in it is run.
        name: What to call the model in an error.
        names: Its inputs in the order in which they are to be given; one input needs no name.

    Raises:
        EngineError: If a package is missing, or the model cannot be exported or run.
    """
    with tempfile.TemporaryDirectory(prefix="headstart-", ignore_cleanup_errors=True) as folder:
        graph = Path(folder) / "trunk.onnx"
        export_onnx(saved, name, graph)
        try:
            return OnnxTensors(graph, names)
        # ONNX Runtime has error classes of its own, each an Exception of another name.
        except Exception as error:
            raise EngineError(
                "The ONNX engine runs graphs that ONNX Runtime takes",
                f"one that it refused ({str(error).strip()[:300]})",
                "use --engine openvino",
            ) from error
