"""An ONNX Runtime session, asked by several threads at once."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import EngineError
from headstart.engines.openvino import processor
from headstart.engines.protocol import Arrays, EngineInfo, T

BATCH = 32
"""Samples in one call."""

AHEAD = 2
"""Samples for each thread that wait while others run."""


class OnnxTensors:
    """Computes samples one by one, as many side by side as there are threads; see `TensorEngine`.

    Args:
        graph: A file for one sample at a time.
        names: The inputs by name, in the order in which they are to be given; one input needs no name.
    """

    def __init__(self, graph: Path, names: Sequence[str]) -> None:
        import onnxruntime

        onnxruntime.disable_telemetry_events()
        threads = processor.threads()
        options = onnxruntime.SessionOptions()
        # A sample a thread: several threads on one sample would wait for each other at each layer.
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        inputs = self._session.get_inputs()
        self._names = [inputs[0].name] if len(inputs) == 1 else list(names)
        kinds = {entry.name: _KINDS.get(entry.type, np.float32) for entry in inputs}
        self._kinds = [np.dtype(kinds[name]) for name in self._names]
        self._gives = [tuple(result.shape[1:]) for result in self._session.get_outputs()]
        self._pool: ThreadPoolExecutor | None = ThreadPoolExecutor(threads, "headstart-onnx")
        self.info = EngineInfo(
            name="onnx",
            version=f"onnxruntime {onnxruntime.__version__}",
            precision="f32",
            requests=threads * AHEAD,
            threads=threads,
            processor=processor.name(),
        )

    @property
    def width(self) -> int:
        """Numbers in the first output."""
        return math.prod(self._gives[0])

    @property
    def batch(self) -> int:
        """How many samples are best given at once."""
        return max(BATCH, self.info.requests)

    def compute(self, arrays: Arrays) -> list[NDArray[Any]]:
        """Computes what the network gives; see `TensorEngine.compute`."""
        rows = [future.result() for future in self.start(arrays)]
        if not rows:
            return [np.empty((0, *shape), np.float32) for shape in self._gives]
        return [np.concatenate(column) for column in zip(*rows, strict=True)]

    def start(self, arrays: Arrays) -> list[Future[list[NDArray[Any]]]]:
        """Starts each sample; what comes has a first axis of 1.

        Raises:
            EngineError: If the engine was closed.
        """
        if self._pool is None:
            raise EngineError("An engine runs until it is closed", "a closed engine", "open it again")
        pool = self._pool
        return [
            pool.submit(self._one, [array[at : at + 1] for array in arrays]) for at in range(len(arrays[0]))
        ]

    def close(self) -> None:
        """Ends the threads."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _one(self, sample: list[NDArray[Any]]) -> list[NDArray[Any]]:
        cast = [array.astype(kind, copy=False) for array, kind in zip(sample, self._kinds, strict=True)]
        found: list[NDArray[Any]] = self._session.run(None, dict(zip(self._names, cast, strict=True)))
        return found


_KINDS = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
}


class OnnxEngine:
    """Runs a trunk over pictures; see `Engine`."""

    def __init__(self, tensors: OnnxTensors) -> None:
        self.info = tensors.info
        self._tensors = tensors

    def run(self, batches: Iterable[tuple[T, NDArray[np.uint8]]]) -> Iterator[tuple[T, NDArray[np.float32]]]:
        """Computes features of batches, in order; see `Engine.run`."""
        flying: deque[tuple[T, list[Future[list[NDArray[Any]]]]]] = deque()
        try:
            for tag, pictures in batches:
                flying.append((tag, self._tensors.start([pictures])))
                while len(flying) >= self.info.requests or sum(len(rows) for _, rows in flying) > (
                    self.info.requests + len(pictures)
                ):
                    yield self._landed(*flying.popleft())
            while flying:
                yield self._landed(*flying.popleft())
        finally:
            for _, rows in flying:
                for row in rows:
                    row.cancel()

    def close(self) -> None:
        """Ends the threads."""
        self._tensors.close()

    def _landed(self, tag: T, rows: list[Future[list[NDArray[Any]]]]) -> tuple[T, NDArray[np.float32]]:
        features = np.empty((len(rows), self._tensors.width), np.float32)
        for at, row in enumerate(rows):
            features[at] = row.result()[0].reshape(-1)
        return tag, features
