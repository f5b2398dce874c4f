"""A compiled graph of any inputs and outputs, with several requests in flight."""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from headstart.core.errors import EngineError
from headstart.engines.openvino.flight import Batch, Flight
from headstart.engines.protocol import Arrays, EngineInfo

BATCH = 32
"""Samples in one call at least: the last ones of a call run with fewer beside them."""


class OpenVinoTensors:
    """Feeds samples one by one to a ring of requests and collects what they give; see `TensorEngine`.

    Args:
        compiled: A graph whose inputs and outputs have fixed sizes and the batch size 1.
        info: What it is.
    """

    def __init__(self, compiled: ov.CompiledModel, info: EngineInfo) -> None:
        self.info = info
        self._compiled: ov.CompiledModel | None = compiled
        self._takes = [
            (tuple(entry.shape)[1:], np.dtype(entry.element_type.to_dtype())) for entry in compiled.inputs
        ]
        self._gives = [tuple(result.shape)[1:] for result in compiled.outputs]

    @property
    def batch(self) -> int:
        """How many samples are best given at once."""
        return max(BATCH, 2 * self.info.requests)

    def compute(self, arrays: Arrays) -> list[NDArray[Any]]:
        """Computes what the network gives; see `TensorEngine.compute`.

        Raises:
            EngineError: If the arrays do not have the shapes that the graph takes, or the engine was closed.
        """
        if self._compiled is None:
            raise EngineError("An engine runs until it is closed", "a closed engine", "open it again")
        self._check(arrays)
        n = len(arrays[0])
        kinds = [kind for _, kind in self._takes]
        given = tuple(np.require(array, kind, ("C", "W")) for array, kind in zip(arrays, kinds, strict=True))
        outputs = tuple(np.empty((n, *shape), np.float32) for shape in self._gives)
        flight = Flight[None](self._compiled, self.info.requests)
        try:
            flight.send(Batch(None, given, outputs, n))
            flight.land_all()
        finally:
            flight.abandon()
        return list(outputs)

    def close(self) -> None:
        """Lets go of the compiled graph."""
        self._compiled = None

    def _check(self, arrays: Arrays) -> None:
        wanted = [shape for shape, _ in self._takes]
        given = [array.shape[1:] for array in arrays]
        if given != wanted or len({len(array) for array in arrays}) != 1:
            raise EngineError(
                f"The engine takes samples of shape {', '.join(map(str, wanted))}",
                f"arrays of shape {', '.join(str(array.shape) for array in arrays)}",
                "give it what its graph was made for",
            )
