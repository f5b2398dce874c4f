"""What every engine is to the rooms below: something that turns batches of pictures into features."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

Precision = Literal["f32", "bf16", "int8"]
"""The number format that an engine computes in; features are handed out in f32 either way. A graph
for int8 was quantised before; what of it is not in int8 is computed in f32."""


@dataclass(frozen=True)
class EngineInfo:
    """What computed the features.

    Attributes:
        name: 'openvino', 'onnx' or 'keras'.
        version: Version of what computes, such as OpenVINO's build or Keras with its backend.
        precision: The number format that it computes in.
        requests: How many inferences are in flight at once; it bounds the look-ahead into the input.
        threads: Processor threads that it may use.
        processor: The processor's name.
        notes: What the user should know, one sentence each; empty where nothing is unusual.
    """

    name: str
    version: str
    precision: Precision
    requests: int
    threads: int
    processor: str
    notes: tuple[str, ...] = ()


class Engine(Protocol):
    """A trunk made ready to run."""

    info: EngineInfo

    def run(self, batches: Iterable[tuple[T, NDArray[np.uint8]]]) -> Iterator[tuple[T, NDArray[np.float32]]]:
        """Computes features of batches, in order.

        The input is pulled lazily, at most `info.requests` batches ahead of what was taken from the output,
        so that decoding in other threads goes on while the engine computes. An error in the input
        goes through to the caller.

        Args:
            batches: A tag and raw RGB pictures, uint8 of shape (b, height, width, 3), each.

        Yields:
            The tag and its features, float32 of shape (b, width).
        """
        ...

    def close(self) -> None:
        """Waits for what is in flight and gives memory and threads back; may be called twice."""
        ...


Arrays = Sequence[NDArray[Any]]
"""Inputs or outputs of a network, each of shape (n, ...)."""


class TensorEngine(Protocol):
    """A network of any inputs and outputs made ready to run."""

    info: EngineInfo

    @property
    def batch(self) -> int:
        """How many samples are best given at once; may change from call to call."""
        ...

    def compute(self, arrays: Arrays) -> list[NDArray[Any]]:
        """Computes what the network gives.

        Args:
            arrays: One array for each of its inputs, in order, shape (n, ...).

        Returns:
            One array for each of its outputs, in order, shape (n, ...).
        """
        ...

    def close(self) -> None:
        """Gives memory and threads back; may be called twice."""
        ...


@dataclass(frozen=True)
class Agreement:
    """Which precision was chosen, and how far bf16 and f32 were apart on the sample.

    Attributes:
        precision: The precision chosen.
        least_cosine: Least cosine between a picture's features in bf16 and f32; None where not compared.
        largest_difference: Largest difference of a feature, relative to the largest feature in f32;
            None where not compared.
        n: Number of pictures compared.
        reason: Why this precision, as a sentence.
    """

    precision: Precision
    least_cosine: float | None
    largest_difference: float | None
    n: int
    reason: str
