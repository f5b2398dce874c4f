"""Samples on their way through a compiled graph, several requests at once."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from headstart.engines.protocol import T


@dataclass
class Batch(Generic[T]):
    """Samples that travel together.

    Attributes:
        tag: Told apart by it.
        inputs: What the graph takes, each of shape (n, ...), contiguous and of the graph's types.
        outputs: Filled with what the graph gives, each of shape (n, ...).
        missing: Samples that have not landed.
    """

    tag: T
    inputs: tuple[NDArray[Any], ...]
    outputs: tuple[NDArray[np.float32], ...]
    missing: int


class Flight(Generic[T]):
    """The requests of one run and the batches that they work on.

    Args:
        compiled: A graph that takes one sample.
        most: How many samples may be in flight.
    """

    def __init__(self, compiled: ov.CompiledModel, most: int) -> None:
        self._compiled = compiled
        self._most = most
        self._free: list[ov.InferRequest] = []
        self._flying: deque[tuple[ov.InferRequest, Batch[T], int]] = deque()
        self._batches: deque[Batch[T]] = deque()

    def send(self, batch: Batch[T]) -> None:
        """Starts all samples of a batch, awaiting older ones where no request is free."""
        self._batches.append(batch)
        for row in range(batch.missing):
            request = self._request()
            for index, array in enumerate(batch.inputs):
                # No copy is made: the batch, and with it the bytes, lives until its last sample has landed.
                request.set_input_tensor(index, ov.Tensor(array[row : row + 1], shared_memory=True))
            request.start_async()
            self._flying.append((request, batch, row))
        while len(self._batches) >= self._most and self._flying:
            self._land()

    def landed(self) -> Iterator[Batch[T]]:
        """Hands out the oldest batches, as far as they are complete."""
        while self._batches and self._batches[0].missing == 0:
            yield self._batches.popleft()

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
        """Waits for the oldest request and puts what it gives in its row."""
        request, batch, row = self._flying[0]
        request.wait()
        for index, output in enumerate(batch.outputs):
            output[row] = request.get_output_tensor(index).data[0].reshape(output.shape[1:])
        batch.missing -= 1
        self._flying.popleft()
        self._free.append(request)
