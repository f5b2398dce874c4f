"""A compiled graph with several requests in flight."""

from __future__ import annotations

import contextlib
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

    Every request holds `info.requests` places in the ring; the oldest is awaited when all are taken. More
    requests than streams keep every stream busy while the oldest is awaited, so no callback
    (and no lock) is needed, and an error surfaces where its request is awaited.
    """

    def __init__(self, compiled: ov.CompiledModel, info: EngineInfo) -> None:
        self.info = info
        self._free = [compiled.create_infer_request() for _ in range(info.requests)]
        self._shape = tuple(compiled.input(0).shape)[1:]
        self._width = int(compiled.output(0).shape[1])
        self._open = True

    def run(
        self, batches: Iterable[tuple[T, NDArray[np.uint8]]]
    ) -> Iterator[tuple[T, NDArray[np.float32]]]:
        """Computes features of batches, in order; see `Engine.run`.

        Raises:
            EngineError: If the pictures are not uint8 of the size that the trunk was made for.
        """
        flying: deque[tuple[ov.InferRequest, _Batch[T], int]] = deque()
        waiting: deque[_Batch[T]] = deque()
        try:
            for tag, pictures in batches:
                self._check(pictures)
                pictures = np.ascontiguousarray(pictures)
                n = len(pictures)
                batch = _Batch(tag, pictures, np.empty((n, self._width), np.float32), n)
                waiting.append(batch)
                for row in range(n):
                    if not self._free:
                        self._land(flying)
                    request = self._free.pop()
                    # No copy: the batch, and with it the bytes, lives until its features are handed out.
                    request.set_input_tensor(ov.Tensor(pictures[row : row + 1], shared_memory=True))
                    request.start_async()
                    flying.append((request, batch, row))
                while len(waiting) > self.info.requests and flying:
                    self._land(flying)
                yield from _ready(waiting)
            while flying:
                self._land(flying)
                yield from _ready(waiting)
            yield from _ready(waiting)
        finally:
            # After an error, Ctrl-C or a caller that stopped early, nothing may be left running
            # on memory that is about to be freed.
            for request, _, _ in flying:
                with contextlib.suppress(RuntimeError):
                    request.cancel()
            for request, _, _ in flying:
                with contextlib.suppress(RuntimeError):
                    request.wait()
                self._free.append(request)

    def close(self) -> None:
        """Frees the requests; what was in flight has ended with the `run` that started it."""
        self._open = False
        self._free.clear()

    def _land(self, flying: deque[tuple[ov.InferRequest, _Batch[T], int]]) -> None:
        """Waits for the oldest request and puts its features in their row."""
        request, batch, row = flying[0]
        request.wait()
        batch.features[row] = request.get_output_tensor().data[0]
        batch.missing -= 1
        flying.popleft()
        self._free.append(request)

    def _check(self, pictures: NDArray[np.uint8]) -> None:
        if not self._open:
            raise EngineError("An engine runs until it is closed", "a closed engine", "open it again")
        if pictures.dtype != np.uint8 or pictures.ndim != 4 or tuple(pictures.shape[1:]) != self._shape:
            height, width, channels = self._shape
            raise EngineError(
                f"The engine takes uint8 pictures of shape (n, {height}, {width}, {channels})",
                f"{pictures.dtype} of shape {pictures.shape}",
                "resize the pictures to the trunk's input size",
            )


def _ready(waiting: deque[_Batch[T]]) -> Iterator[tuple[T, NDArray[np.float32]]]:
    while waiting and waiting[0].missing == 0:
        batch = waiting.popleft()
        yield batch.tag, batch.features
