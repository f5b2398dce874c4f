"""A compiled graph with several requests in flight."""

from __future__ import annotations

import contextlib
import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from headstart.core.errors import EngineError
from headstart.engines.protocol import EngineInfo, T


@dataclass
class _Batch(Generic[T]):
    """A batch whose pictures are on their way."""

    tag: T
    pictures: NDArray[np.uint8]
    features: NDArray[np.float32]
    missing: int


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
        flight = _Flight[T](self._open(), self.info.requests)
        try:
            for tag, pictures in batches:
                self._check(pictures)
                flight.send(
                    _Batch(
                        tag,
                        np.require(pictures, requirements=("C", "W")),
                        self._blank(pictures),
                        len(pictures),
                    )
                )
                yield from flight.landed()
            flight.land_all()
            yield from flight.landed()
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


class _Flight(Generic[T]):
    """The requests of one run and the batches that they work on."""

    def __init__(self, compiled: ov.CompiledModel, most: int) -> None:
        self._compiled = compiled
        self._most = most
        self._free: list[ov.InferRequest] = []
        self._flying: deque[tuple[ov.InferRequest, _Batch[T], int]] = deque()
        self._batches: deque[_Batch[T]] = deque()

    def send(self, batch: _Batch[T]) -> None:
        """Starts all pictures of a batch, awaiting older ones where no request is free."""
        self._batches.append(batch)
        for row in range(len(batch.pictures)):
            request = self._request()
            # No copy is made: the batch, and with it the bytes, lives until its last picture has landed.
            request.set_input_tensor(ov.Tensor(batch.pictures[row : row + 1], shared_memory=True))
            request.start_async()
            self._flying.append((request, batch, row))
        while len(self._batches) >= self._most and self._flying:
            self._land()

    def landed(self) -> Iterator[tuple[T, NDArray[np.float32]]]:
        """Hands out the oldest batches, as far as they are complete."""
        while self._batches and self._batches[0].missing == 0:
            batch = self._batches.popleft()
            yield batch.tag, batch.features

    def land_all(self) -> None:
        """Waits for all that is in flight."""
        while self._flying:
            self._land()

    def abandon(self) -> None:
        """Stops what is in flight, after an error, Ctrl-C or an early end: its memory will be freed."""
        for request, _, _ in self._flying:
            with contextlib.suppress(RuntimeError):
                request.cancel()
        for request, _, _ in self._flying:
            with contextlib.suppress(RuntimeError):
                request.wait()
        self._flying.clear()

    def _request(self) -> ov.InferRequest:
        if self._free:
            return self._free.pop()
        if len(self._flying) < self._most:
            return self._compiled.create_infer_request()
        self._land()
        return self._free.pop()

    def _land(self) -> None:
        """Waits for the oldest request and puts its features in their row."""
        request, batch, row = self._flying[0]
        request.wait()
        batch.features[row] = request.get_output_tensor().data[0].reshape(-1)
        batch.missing -= 1
        self._flying.popleft()
        self._free.append(request)
