"""What one call of `fit` works with: the trunk made ready, the store open, and the way from x to features."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.core.errors import HeadError
from headstart.core.progress import Voice
from headstart.features.housekeeping import open_store
from headstart.features.records import Maker
from headstart.frozen import keras_inside, keys
from headstart.frozen.bank import Bank, Layout
from headstart.frozen.data import Entry, trunk_arrays
from headstart.frozen.opening import why_not
from headstart.frozen.records import Boundary
from headstart.frozen.selection import Selection
from headstart.pictures.records import Recipe

if TYPE_CHECKING:
    import keras


@dataclass
class Job:
    """What one call of `fit` works with.

    Attributes:
        model: The user's model.
        boundary: Where it is split.
        entry: The inputs that it takes.
        bank: Features by content.
        engine: What computes them.
        voice: Where it speaks.
        views: Random views of each sample that are kept; 0 keeps none.
    """

    model: keras.Model
    boundary: Boundary
    entry: Entry
    bank: Bank
    engine: Selection
    voice: Voice
    views: int

    def features(self, x: Any, what: str | None = None) -> dict[str, NDArray[Any]]:
        """What the tail takes for x: its features, and the inputs that go round the trunk, by name."""
        flat = self.entry.flat(x)
        rows = self.bank.matrix(trunk_arrays(self.boundary, flat), what)
        return self.named(rows, flat)

    def named(self, rows: NDArray[np.float32], flat: list[NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Rows of features, and the inputs that go round the trunk, by the tail's names."""
        kept = [cut.name for cut in self.boundary.cuts if not cut.raw]
        named = dict(zip(kept, self.bank.layout.unpack(rows), strict=True))
        by_source = dict(zip(self.entry.names, flat, strict=True))
        return named | {cut.name: by_source[cut.source] for cut in self.boundary.cuts if cut.raw}

    def like(self) -> dict[str, NDArray[Any]]:
        """Features of no samples, for their names, types and shapes."""
        graph = keras_inside.functional(self.model)
        assert graph is not None
        flat = [np.empty((0, *(size or 0 for size in t.shape[1:])), t.dtype) for t in graph.inputs]
        return self.named(np.empty((0, self.bank.layout.width), np.float32), flat)


@contextlib.contextmanager
def open_job(
    model: keras.Model, boundary: Boundary, voice: Voice, views: int, precision: str
) -> Iterator[Job]:
    """The trunk made ready, and the store open, while the block runs."""
    trunk = boundary.trunk
    assert trunk is not None
    kept = [cut for cut in boundary.cuts if not cut.raw]
    shapes = [tensor.shape[1:] for tensor in trunk.outputs]
    if any(size is None for shape in shapes for size in shape):
        raise HeadError(
            "The frozen part must give features of one size",
            f"features of shape {', '.join(map(str, shapes))}, as the model's input has a free size",
            "give keras.Input the pictures' height and width, or pool before the first trained layer",
        )
    layout = Layout(tuple(tuple(shape) for shape in shapes), tuple(cut.dtype for cut in kept))
    key = keys.of_trunk(trunk) if layout.exact else None
    maker = None
    if key is not None:
        maker = Maker(
            trunk=key,
            backbone=f"{kept[0].source} of {model.name}",
            width=layout.width,
            recipe=Recipe(0, 0, "as given"),
            engine="keras",
            precision="f32",
        )
    with open_store(voice.warn) if maker else contextlib.nullcontext() as store:
        why = "The frozen part draws at random" if boundary.augmenting else why_not(trunk)
        engine = Selection(trunk, maker, boundary.frozen.multiply_adds, precision, store, voice, why)
        try:
            bank = Bank(engine, layout, store, voice)
            yield Job(model, boundary, Entry.of(model), bank, engine, voice, views)
        finally:
            engine.close()
