"""A compiled graph with several requests in flight."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from headstart.core.errors import EngineError
from headstart.engines.openvino.flight import Batch, Flight
from headstart.engines.protocol import EngineInfo, T


class OpenVinoEngine:
    """Feeds pictures one by one to a ring of requests and collects their features in order.

    When all requests are taken, the oldest is awaited. There are more requests than OpenVINO runs side
    by side, so every core has work while one is awaited: neither callback nor lock is needed, and an
    error surfaces where its request is awaited. Every `run` has requests of its own, so runs in
    several threads do not meet.
    """

    def __init__(self, compiled: ov.CompiledModel, info: EngineInfo) -> None:
        self.info = info
        self._compiled: ov.CompiledModel | None = compiled
        self._shape = tuple(compiled.input(0).shape)[1:]
        self._width = math.prod(compiled.output(0).shape[1:])

    def run(self, batches: Iterable[tuple[T, NDArray[np.uint8]]]) -> Iterator[tuple[T, NDArray[np.float32]]]:
        """Computes features of batches, in order; see `Engine.run`.

        Raises:
            EngineError: If the pictures are not uint8 of the size that the trunk was made for.
        """
        flight = Flight[T](self._open(), self.info.requests)
        try:
            for tag, pictures in batches:
                self._check(pictures)
                contiguous = np.require(pictures, requirements=("C", "W"))
                flight.send(Batch(tag, (contiguous,), (self._blank(pictures),), len(pictures)))
                for batch in flight.landed():
                    yield batch.tag, batch.outputs[0]
            flight.land_all()
            for batch in flight.landed():
                yield batch.tag, batch.outputs[0]
        finally:
            flight.abandon()

    def close(self) -> None:
        """Lets go of the compiled graph; a `run` that has not ended stops at its next batch."""
        self._compiled = None

    def _open(self) -> ov.CompiledModel:
        if self._compiled is None:
            raise EngineError("An engine runs until it is closed", "a closed engine", "open it again")
        return self._compiled

    def _blank(self, pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.empty((len(pictures), self._width), np.float32)

    def _check(self, pictures: NDArray[np.uint8]) -> None:
        self._open()
        if pictures.dtype != np.uint8 or pictures.ndim != 4 or tuple(pictures.shape[1:]) != self._shape:
            raise EngineError(
                f"The engine takes uint8 pictures of shape (n, {', '.join(map(str, self._shape))})",
                f"{pictures.dtype} of shape {pictures.shape}",
                "resize the pictures to the trunk's input size",
            )
