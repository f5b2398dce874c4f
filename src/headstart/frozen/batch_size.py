"""How many samples fit into one pass of a trunk: found by doubling, without running out of memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

FIRST = 32
"""Where doubling starts, and where it stays on a processor, on which more gains nothing."""
MOST = 1024
GAIN = 1.05
"""How many times as fast twice the samples must be for the next doubling."""

Forward = Callable[[Sequence[NDArray[Any]]], list[NDArray[Any]]]

_NAMES = {"ResourceExhaustedError", "OutOfMemoryError", "MemoryError"}
_WORDS = ("resource_exhausted", "out of memory", "failed to allocate")


def out_of_memory(error: BaseException) -> bool:
    """Whether an error of any backend says that memory ran out.

    TensorFlow and PyTorch have classes for it, JAX only a text; none of them can be imported here.
    """
    named = any(base.__name__ in _NAMES for base in type(error).__mro__)
    return named or any(word in str(error).lower() for word in _WORDS)


class FittingBatches:
    """Runs a network in batches that fit into memory.

    Each size is used twice before the next is tried: the first time it is compiled for. Once memory ran out,
    half of that size stays.

    Args:
        forward: Runs one batch.
        grow: Whether larger batches may be faster, as on a GPU.
        free: Called after memory ran out, to give back what the backend keeps.
        clock: Tells the time in seconds.
    """

    def __init__(
        self,
        forward: Forward,
        grow: bool,
        free: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.size = FIRST
        self._forward = forward
        self._grow = grow
        self._free = free
        self._clock = clock
        self._uses = 0
        self._before: float | None = None

    def __call__(self, arrays: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Outputs for all samples, in as many batches as it takes.

        Raises:
            Exception: What `forward` raises, memory for a single sample included.
        """
        n = len(arrays[0])
        parts: list[list[NDArray[Any]]] = []
        at = 0
        while at < n or not parts:
            some = [array[at : at + self.size] for array in arrays]
            began = self._clock()
            try:
                parts.append(self._forward(some))
            except Exception as error:
                if not out_of_memory(error) or len(some[0]) <= 1:
                    raise
                self.size = max(1, len(some[0]) // 2)
                self._grow = False
                self._free()
                continue
            at += len(some[0])
            self._note(len(some[0]), self._clock() - began)
        if len(parts) == 1:
            return parts[0]
        return [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]

    def _note(self, samples: int, seconds: float) -> None:
        """Doubles the size where the last doubling paid."""
        if not self._grow or samples < self.size:
            return
        self._uses += 1
        if self._uses < 2:
            return
        rate = samples / max(seconds, 1e-9)
        pays = self._before is None or rate >= self._before * GAIN
        if not pays or self.size * 2 > MOST:
            self._grow = False
        else:
            self._before, self._uses, self.size = rate, 0, self.size * 2
