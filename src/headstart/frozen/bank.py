"""Features by content: each distinct sample goes through the trunk once, in this process and in the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from headstart.core import hashing
from headstart.core.progress import Silence, Voice
from headstart.engines.protocol import Arrays, TensorEngine
from headstart.features.records import Maker, Row
from headstart.features.store import Store

CHUNK = 128
"""Rows that are written to the store at once, at least."""
BYTES = 256 << 20
"""Bytes of input that are gathered for one pass of the trunk."""
MEMORY = 2 << 30
"""Bytes of features that are held in memory; beyond them the store serves alone."""


@dataclass(frozen=True)
class Layout:
    """How the cut tensors of one sample lie in one row of numbers.

    Attributes:
        shapes: Shape of each, without the batch axis.
        dtypes: Type that the tail takes each in.
    """

    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[str, ...]

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return int(sum(np.prod(shape, dtype=int) for shape in self.shapes))

    @property
    def exact(self) -> bool:
        """Whether float32 holds each of the types without loss."""
        return all(dtype in ("float32", "float16", "bfloat16") for dtype in self.dtypes)

    def pack(self, tensors: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
        """Cut tensors of shape (n, ...) as rows of shape (n, width)."""
        flat = [
            np.asarray(tensor)
            .reshape(len(tensor), int(np.prod(tensor.shape[1:], dtype=int)))
            .astype(np.float32)
            for tensor in tensors
        ]
        return flat[0] if len(flat) == 1 else np.concatenate(flat, axis=1)

    def unpack(self, rows: NDArray[np.float32]) -> list[NDArray[Any]]:
        """Rows of shape (n, width) as cut tensors; bfloat16 stays float32, which the tail casts."""
        tensors, start = [], 0
        for shape, dtype in zip(self.shapes, self.dtypes, strict=True):
            end = start + int(np.prod(shape, dtype=int))
            tensor = rows[:, start:end].reshape(len(rows), *shape)
            tensors.append(tensor.astype("float16" if dtype == "float16" else "float32", copy=False))
            start = end
        return tensors


class Source(Protocol):
    """What computes features."""

    @property
    def maker(self) -> Maker | None:
        """What they are made by, as the store's key; None where they must not outlive the process."""
        ...

    def settle(self, arrays: Arrays) -> Maker | None:
        """Chooses, where that has not been done, by the first samples that come; gives `maker`."""
        ...

    def engine(self, arrays: Arrays) -> TensorEngine:
        """The trunk, ready to run; where that fails another may take its place, and `maker` says so."""
        ...


@dataclass
class Bank:
    """Gives features of samples, computing only those never seen.

    Attributes:
        source: The trunk, and what makes its features.
        layout: How its outputs lie in a row.
        store: Where they are kept, or None.
        voice: Told of progress and damage.
        keep: Whether new features are kept; once False, the trunk runs on whatever comes.
        computed: Samples that went through the trunk so far.
        found: Distinct samples that the store gave.
    """

    source: Source
    layout: Layout
    store: Store | None
    voice: Voice = field(default_factory=Silence)
    keep: bool = True
    computed: int = 0
    found: int = 0
    _memory: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    _held: int = 0

    def matrix(self, arrays: Sequence[NDArray[Any]], what: str | None = None) -> NDArray[np.float32]:
        """Features of all samples, shape (n, width), in order.

        Args:
            arrays: The trunk's inputs, each of shape (n, ...).
            what: What the progress line says; None for one batch of many, which shows none and is
                held in memory for when it comes again.
        """
        n = len(arrays[0])
        self.source.settle(arrays)
        if not self.keep:
            every = np.arange(n)
            made = [rows for _, rows in self._compute(arrays, every, lambda _: None)]
            return np.concatenate(made) if made else np.empty((0, self.layout.width), np.float32)
        contents = contents_of(arrays)
        rows = np.empty((n, self.layout.width), np.float32)
        where: dict[str, list[int]] = {}
        for position, content in enumerate(contents):
            where.setdefault(content, []).append(position)
        missing = self._fill_from_memory(rows, where)
        missing = self._fill_from_store(rows, where, missing, hold=what is None)
        firsts = np.array([where[content][0] for content in missing], dtype=np.int64)
        if len(firsts):
            voice: Voice = self.voice if what else Silence()
            with voice.track(what or "", len(firsts), "samples") as advance:
                for some, new in self._compute(arrays, firsts, advance):
                    self._put([contents[at] for at in some], new, hold=what is None)
                    for at, row in zip(some, new, strict=True):
                        rows[where[contents[at]]] = row
        return rows

    def _compute(
        self, arrays: Arrays, positions: NDArray[np.int64], advance: Callable[[int], None]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Positions and their rows, some at a time."""
        engine = self.source.engine(arrays) if len(positions) else None
        start = 0
        while engine is not None and start < len(positions):
            some = positions[start : start + most_at_once(arrays, CHUNK, engine.batch)]
            new = np.empty((len(some), self.layout.width), np.float32)
            at = 0
            while at < len(some):
                part = some[at : at + most_at_once(arrays, 1, engine.batch)]
                new[at : at + len(part)] = self.layout.pack(engine.compute([array[part] for array in arrays]))
                at += len(part)
                self.computed += len(part)
                advance(len(part))
            start += len(some)
            yield some, new

    def _fill_from_memory(self, rows: NDArray[np.float32], where: dict[str, list[int]]) -> list[str]:
        missing = []
        for content, positions in where.items():
            row = self._memory.get(content)
            if row is None:
                missing.append(content)
            else:
                rows[positions] = row
        return missing

    def _fill_from_store(
        self, rows: NDArray[np.float32], where: dict[str, list[int]], missing: list[str], hold: bool
    ) -> list[str]:
        if self.store is None or self.source.maker is None or not missing:
            return missing
        got = set()
        for row in self.store.get(self.source.maker, missing):
            rows[where[row.content]] = row.vector
            if hold:
                self._hold(row.content, row.vector)
            got.add(row.content)
        self.found += len(got)
        return [content for content in missing if content not in got]

    def _put(self, contents: list[str], rows: NDArray[np.float32], hold: bool) -> None:
        if hold:
            for content, row in zip(contents, rows, strict=True):
                self._hold(content, row.copy())
        if self.store is not None and self.source.maker is not None:
            self.store.put(
                self.source.maker,
                [Row(content, row, b"") for content, row in zip(contents, rows, strict=True)],
            )

    def _hold(self, content: str, row: NDArray[np.float32]) -> None:
        unkept = self.store is None or self.source.maker is None
        if unkept or self._held + row.nbytes <= MEMORY:
            self._memory[content] = row
            self._held += row.nbytes


def most_at_once(arrays: Arrays, least: int, wanted: int) -> int:
    """How many samples to gather: those that are wanted, as far as memory should hold them."""
    each = sum(int(np.prod(array.shape[1:], dtype=np.int64)) * array.itemsize for array in arrays)
    return max(1, min(max(least, wanted), BYTES // max(each, 1)))


def contents_of(arrays: Sequence[NDArray[Any]]) -> list[str]:
    """A name for each sample: the hash of its values, shape and type in all of the arrays."""
    return [hashing.of_arrays(array[at] for array in arrays) for at in range(len(arrays[0]))]
