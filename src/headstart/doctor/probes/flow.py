"""One batch through the model in inference mode, with what enters and leaves every layer on the way.

The one pass that most rules live on: predictions, what reaches the backbone after all of the user's
preprocessing, the features that come out. Works for any model, since it listens to the layers themselves.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.probes import ProbeError

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

SECONDS = 1.2
"""About how long the pass may take; it sets the number of rows."""
SIZES = (8, 16, 32, 64, 128)
"""Rows of the pass: in a few sizes only, so that the same script is sent the same."""
LONG = 0.3
"""Seconds of the first pass from which a second only to warm up would take too long."""
KEEP = 3_000_000
"""Arrays of more elements are not kept, only their statistics."""


@dataclass(frozen=True)
class Stats:
    """Statistics of a tensor: its shape, and over all elements that were looked at."""

    shape: tuple[int, ...]
    low: float
    high: float
    mean: float
    std: float
    finite: bool
    channel_means: tuple[float, ...] = ()
    channel_stds: tuple[float, ...] = ()


@dataclass(frozen=True)
class Pass:
    """A layer's part in the pass: statistics and, where small enough, the arrays themselves.

    `seconds` is the wall time of the call, with those of the layers inside it.
    """

    layer: Any
    entered: Stats | None
    left: Stats | None
    input: Array | None
    output: Array | None
    depth: int
    seconds: float = 0.0


@dataclass(frozen=True)
class Flow:
    """The whole pass.

    Attributes:
        index: The sampled rows that were sent through (into `case.train.x`).
        x, y: Those rows.
        output: The model's predictions, an array, or a structure of arrays for several outputs.
        passes: The layers in the order in which they finished.
        seconds_per_row: Wall time of the whole model for a row, warm.
    """

    index: Array
    x: Any
    y: Any
    output: Any
    passes: tuple[Pass, ...]
    seconds_per_row: float

    def of(self, layer: Any) -> Pass | None:
        """The first pass through a layer."""
        return next((p for p in self.passes if p.layer is layer), None)

    def entry(self, net: Any) -> Pass | None:
        """The pass of the first layer inside a net: what it enters with is what reaches the net."""
        own = {id(layer) for layer in net.layers if type(layer).__name__ != "InputLayer"}
        return next((p for p in self.passes if id(p.layer) in own), None)

    def feature_map(self, net: Any) -> Pass | None:
        """The pass of the last layer inside a net that gives a map (four axes)."""
        own = {id(layer) for layer in net.layers if type(layer).__name__ != "InputLayer"}
        maps = [p for p in self.passes if id(p.layer) in own and p.left and len(p.left.shape) == 4]
        return maps[-1] if maps else None

    @property
    def last(self) -> Any:
        """The innermost layer that made the model's output, or None."""
        if not isinstance(self.output, np.ndarray):
            return None
        for done in self.passes:
            if done.output is not None and done.output.shape == self.output.shape and _is_leaf(done.layer):
                made = np.array_equal(done.output, self.output, equal_nan=True)
                if made and not _passes_through(done):
                    return done.layer
        return None


def _is_leaf(layer: Any) -> bool:
    return not list(layer._flatten_layers(include_self=False, recursive=False))


def _passes_through(done: Pass) -> bool:
    return type(done.layer).__name__ in ("Dropout", "InputLayer", "Identity") or (
        done.input is not None
        and done.output is not None
        and done.input.shape == done.output.shape
        and np.array_equal(done.input, done.output, equal_nan=True)
    )


def measure(case: Case) -> Flow:
    """Runs the pass on as many rows as fit the time."""
    if case.model is None or case.train is None or not case.train.batches:
        raise ProbeError("there is no model, or no data was seen")
    x = case.train.x
    model = case.model
    few = take_rows(x, case.rows(2))
    # The two rows of every look: some backends compile for each shape anew.
    seconds = LONG
    for again in range(2):
        if again and seconds >= LONG and case.backend != "jax":
            break
        started = time.perf_counter()
        model(few, training=False)
        seconds = time.perf_counter() - started
    per_row = seconds / 2
    rows = max([size for size in SIZES if size * per_row <= SECONDS], default=SIZES[0])
    index = case.rows(rows)
    sent = take_rows(x, index)
    passes: list[Pass] = []
    entries = {id(layer) for backbone in case.backbones for layer in backbone.model.layers[:2]}
    with listening(passes, always=entries):
        started = time.perf_counter()
        output = model(sent, training=False)
        seconds = time.perf_counter() - started
    y = take_rows(case.train.y, index)
    return Flow(index, sent, y, to_numpy(output), tuple(passes), min(per_row, seconds / max(1, len(index))))


@contextmanager
def listening(passes: list[Pass], keep: int = KEEP, always: Set[int] = frozenset()) -> Iterator[None]:
    """While it is open, every layer that is called adds a `Pass`.

    Args:
        keep: The most elements of an array that is kept.
        always: Ids of layers whose input is kept up to ten times that.
    """
    import keras

    layer_class = keras.layers.Layer
    original = layer_class.__call__
    depth = 0
    ours = 0.0

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        nonlocal depth, ours
        depth += 1
        before, started = ours, time.perf_counter()
        try:
            result = original(self, *args, **kwargs)
            getattr(result, "block_until_ready", lambda: None)()
        finally:
            depth -= 1
        # What the listening itself took inside is no time of the layer's.
        seconds = time.perf_counter() - started - (ours - before)
        started = time.perf_counter()
        given = args[0] if args else next(iter(kwargs.values()), None)
        wide = keep * 10 if id(self) in always else keep
        passes.append(
            Pass(self, _stats(given), _stats(result), _kept(given, wide), _kept(result, keep), depth, seconds)
        )
        ours += time.perf_counter() - started
        return result

    layer_class.__call__ = call
    try:
        yield
    finally:
        layer_class.__call__ = original


def _array(value: Any) -> Array | None:
    if isinstance(value, dict | list | tuple) or value is None or not hasattr(value, "shape"):
        return None
    if "tensorflow" in sys.modules and type(value).__name__ == "SymbolicTensor":
        return None
    try:
        array: Any = to_numpy(value)
    except Exception:
        return None
    if not isinstance(array, np.ndarray):
        return None
    if array.dtype.kind not in "fiub":
        # bfloat16 and its kin are no kinds of NumPy's own.
        try:
            array = np.asarray(array, dtype=np.float32)
        except (TypeError, ValueError):
            return None
    found: Array = array
    return found


def _kept(value: Any, keep: int) -> Array | None:
    array = _array(value)
    return array if array is not None and array.size <= keep else None


def _stats(value: Any) -> Stats | None:
    array = _array(value)
    if array is None or array.size == 0:
        return None
    return stats(array)


def stats(array: Array) -> Stats:
    """Statistics of an array; of every so many rows and columns where it is very large."""
    seen = array
    if array.ndim == 4 and array.size > 2_000_000:
        step = int(np.ceil((array.size / 1_000_000) ** 0.5))
        seen = array[:, ::step, ::step, :]
    numbers = seen.astype(np.float64, copy=False)
    finite = bool(np.isfinite(numbers).all())
    channels: tuple[Array, ...] = ()
    if array.ndim == 4 and array.shape[-1] <= 4:
        channels = (numbers.mean(axis=(0, 1, 2)), numbers.std(axis=(0, 1, 2)))
    return Stats(
        tuple(int(n) for n in array.shape),
        float(seen.min()),
        float(seen.max()),
        float(numbers.mean()),
        float(numbers.std()),
        finite,
        tuple(float(v) for v in channels[0]) if channels else (),
        tuple(float(v) for v in channels[1]) if channels else (),
    )
