"""From a Keras model to an OpenVINO graph."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import openvino as ov

from headstart.core import backend
from headstart.engines import child
from headstart.engines.openvino import processor

if TYPE_CHECKING:
    import keras


def export_graph(model: keras.Model) -> ov.Model:
    """Exports a Keras model as an OpenVINO graph, by way of Keras's OpenVINO backend.

    Where Keras runs on another backend, a short child process loads the model on that one and
    exports it: of all ways tried it is the only one that serves TensorFlow, JAX and PyTorch alike,
    and the graph is the same for all.

    Args:
        model: Of built-in layers, or registered ones that the child can import. Several inputs are a dict by
            name (`by_name` makes it so).

    Raises:
        EngineError: If the model cannot be exported.
    """
    keras = backend.ensure()
    with tempfile.TemporaryDirectory(prefix="headstart-", ignore_cleanup_errors=True) as folder:
        if keras.config.backend() != "openvino":
            saved = Path(folder) / "trunk.keras"
            model.save(saved)
            return export_saved(saved, model.name)
        graph = Path(folder) / "trunk.xml"
        try:
            model.export(str(graph), format="openvino", verbose=False)
        except Exception as error:
            raise child.failed("OpenVINO", model.name, f"{type(error).__name__}: {error}") from error
        return processor.core().read_model(graph)


def export_saved(saved: Path, name: str) -> ov.Model:
    """Exports a .keras file as an OpenVINO graph in a short child process.

    Args:
        saved: The file; no code in it is run.
        name: What to call the model in an error.

    Raises:
        EngineError: If the model cannot be exported.
    """
    with tempfile.TemporaryDirectory(prefix="headstart-", ignore_cleanup_errors=True) as folder:
        graph = Path(folder) / "trunk.xml"
        child.export("OpenVINO", "openvino", name, saved, graph)
        return processor.core().read_model(graph)


def by_name(model: keras.Model) -> keras.Model:
    """The model with its inputs as a dict, where there are several: a list of them Keras does not export.

    Layers are shared, and nothing is called.
    """
    import keras

    if len(model.inputs) == 1:
        return model
    inputs = {tensor.name: tensor for tensor in model.inputs}
    return keras.Model(inputs, model.outputs, name=model.name)
