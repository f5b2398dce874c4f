"""The engines for a trunk: it is saved once, exported in child processes, and opened when asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from headstart.engines import child
from headstart.engines.onnx import opening as onnx
from headstart.engines.openvino.export import by_name, export_saved
from headstart.engines.openvino.opening import Ready, prepare_tensors
from headstart.engines.openvino.tensors import OpenVinoTensors
from headstart.engines.protocol import Arrays, Precision, TensorEngine
from headstart.frozen import keras_inside
from headstart.frozen.graph import distinct_names
from headstart.frozen.runner import FittedTensors, fitted

if TYPE_CHECKING:
    import keras

CHECKED = 4
"""Samples on which a rewritten graph is checked, at most."""


class Openings:
    """Opens engines for one trunk.

    Args:
        trunk: The frozen part.
        cache: Folder in which outcomes of checks are kept; None keeps nothing.
    """

    def __init__(self, trunk: keras.Model, cache: Path | None) -> None:
        self._trunk = trunk
        self._cache = cache
        self._open: dict[str, TensorEngine] = {}
        self._ready: Ready[OpenVinoTensors] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def save(self) -> Path:
        """The trunk as a file, written now where it is not there yet.

        Raises:
            EngineError: If it cannot be written.
        """
        if self._folder is None:
            folder = tempfile.TemporaryDirectory(prefix="headstart-", ignore_cleanup_errors=True)
            try:
                with distinct_names(self._trunk):
                    by_name(self._trunk).save(Path(folder.name) / "trunk.keras")
            # Layers raise what they like while their settings are written.
            except Exception as error:
                folder.cleanup()
                cause = f"{type(error).__name__}: {error}"
                raise child.failed("OpenVINO", self._trunk.name, cause) from error
            self._folder = folder
        return Path(self._folder.name) / "trunk.keras"

    def open(self, name: str, precision: str, arrays: Arrays) -> TensorEngine:
        """An engine, opened now where it is not open yet.

        Args:
            name: 'openvino' or 'onnx'.
            precision: 'f32' or 'bf16'.
            arrays: The trunk's inputs, as the user gives them; the first of them serve for checks.

        Raises:
            EngineError: If it cannot be opened.
        """
        wanted = f"{name} {precision}"
        if wanted not in self._open:
            known: Precision = "bf16" if precision == "bf16" else "f32"
            engine = self._onnx() if name == "onnx" else self._openvino(arrays).open(known)
            self._open[wanted] = FittedTensors(engine, self._trunk.inputs)
        return self._open[wanted]

    def close_all_but(self, name: str, precision: str) -> None:
        """Closes engines that are not needed."""
        wanted = f"{name} {precision}"
        for other in [one for one in self._open if one != wanted]:
            self._open.pop(other).close()
        if wanted != "openvino f32" and self._ready is not None and self._ready.exact is not None:
            self._ready.exact.close()
            self._ready = replace(self._ready, exact=None)

    def close(self) -> None:
        """Closes all, and removes the file."""
        self.close_all_but("", "")
        if self._folder is not None:
            self._folder.cleanup()

    def first(self, arrays: Arrays, k: int) -> list[NDArray[Any]]:
        """The first k samples, in the types and ranks that the trunk takes."""
        return [fitted(array[:k], tensor) for array, tensor in zip(arrays, self._trunk.inputs, strict=True)]

    def _names(self) -> Sequence[str]:
        return [tensor.name for tensor in self._trunk.inputs]

    def _onnx(self) -> TensorEngine:
        return onnx.open_saved(self.save(), self._trunk.name, self._names())

    def _openvino(self, arrays: Arrays) -> Ready[OpenVinoTensors]:
        if self._ready is None:
            graph = export_saved(self.save(), self._trunk.name)
            sample = self.first(arrays, CHECKED)
            self._ready = prepare_tensors(graph, self._names(), sample, cache=self._cache)
        return self._ready


def why_not(trunk: keras.Model) -> str | None:
    """Why no engine but Keras can run a trunk, in a sentence; None where one may."""
    import keras

    for tensor in trunk.inputs:
        if any(size is None for size in tensor.shape[1:]):
            return f"The input '{tensor.name}' has a free size"
    for operation in trunk.operations:
        for part in keras_inside.parts(operation) if keras_inside.is_layer(operation) else [operation]:
            if not type(part).__module__.startswith("keras.") or isinstance(part, keras.layers.Lambda):
                return f"'{part.name}' is code of its own, which cannot be exported"
    return None
