"""Looks at the data that `fit` was given without using any of it up."""

from __future__ import annotations

import contextlib
import copy
import itertools
import random
import sys
import time
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from headstart.doctor.probes.untouched import untouched

States = dict[str, Any]

ROWS = 256
"""Rows after which looking stops."""
BYTES = 96 << 20
"""Bytes after which looking stops."""
SECONDS = 4.0
"""Seconds after which looking stops, once a batch is there."""


@dataclass(frozen=True)
class Batch:
    """One batch as `fit` would get it: NumPy arrays, or dicts and tuples of them."""

    x: Any
    y: Any = None
    weight: Any = None

    @property
    def rows(self) -> int:
        """How many rows the batch has."""
        return rows_of(self.x)


@dataclass(frozen=True)
class Sample:
    """What was seen of a data source.

    Attributes:
        kind: "arrays", "tf.data", "generator", "pydataset", "dataloader" or "unknown".
        batches: Batches in the order in which the source gives them. For arrays, rows spread evenly
            over the whole, because `fit` shuffles them anyway.
        source: The object itself.
        ordered: Whether the order of the batches is the order of training.
        rows: Rows of the whole, or None where the source does not say.
        steps: Batches of an epoch, or None.
        batch_size: Rows of a batch.
        whole: For arrays, all of x and y as the user gave them; else None.
        complete: Whether the batches are all that there is.
        seconds: How long each batch took to come, for the cost of input.
    """

    kind: str
    batches: tuple[Batch, ...]
    source: Any = None
    ordered: bool = True
    rows: int | None = None
    steps: int | None = None
    batch_size: int | None = None
    whole: tuple[Any, Any] | None = None
    complete: bool = False
    seconds: tuple[float, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def x(self) -> Any:
        """All of x that was seen, joined; keeps dicts and tuples."""
        return join([batch.x for batch in self.batches])

    @property
    def y(self) -> Any:
        """All of y that was seen, joined, or None."""
        return join([batch.y for batch in self.batches])

    @property
    def weight(self) -> Any:
        """All sample weights that were seen, joined, or None."""
        return join([batch.weight for batch in self.batches])


def rows_of(value: Any) -> int:
    """Rows of an array, or of the first array in a structure."""
    while isinstance(value, dict | list | tuple):
        if not value:
            return 0
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
    shape = getattr(value, "shape", None)
    if shape is not None:
        return int(shape[0]) if len(shape) else 0
    return len(value) if hasattr(value, "__len__") else 0


def join(parts: list[Any]) -> Any:
    """Joins arrays, or structures of arrays, along their rows."""
    if not parts or parts[0] is None:
        return None
    first = parts[0]
    if isinstance(first, dict):
        return {key: join([part[key] for part in parts]) for key in first}
    if isinstance(first, list | tuple):
        return type(first)(join([part[i] for part in parts]) for i in range(len(first)))
    arrays = [np.asarray(part) for part in parts]
    if len({array.shape[1:] for array in arrays}) > 1:
        return arrays[0]
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def to_numpy(value: Any) -> Any:
    """Any backend's tensors, in any structure, as NumPy arrays."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: to_numpy(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return tuple(to_numpy(part) for part in value)
    if isinstance(value, list) and value and not np.isscalar(value[0]):
        return [to_numpy(part) for part in value]
    if type(value).__name__ in ("SparseTensor", "RaggedTensor"):
        return value.to_tensor().numpy() if hasattr(value, "to_tensor") else _dense(value)
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    return np.asarray(value)


def _dense(value: Any) -> Any:
    import tensorflow as tf

    return tf.sparse.to_dense(value).numpy()


def batch_of(item: Any) -> Batch:
    """What a source gives for a batch, as a `Batch`."""
    if isinstance(item, list) and len(item) in (2, 3) and not np.isscalar(item[0]):
        item = tuple(item)  # a torch DataLoader gives lists
    if not isinstance(item, tuple):
        return Batch(to_numpy(item))
    x, y, weight = (*item, None, None)[:3]
    return Batch(to_numpy(x), to_numpy(y), to_numpy(weight))


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_size(part) for part in value.values())
    if isinstance(value, list | tuple):
        return sum(_size(part) for part in value)
    return int(getattr(value, "nbytes", 0))


def _draw(source: Iterator[Any], most: int) -> tuple[list[Any], list[Batch], list[float], bool]:
    """Draws batches until there is enough; gives the items themselves too."""
    items: list[Any] = []
    batches: list[Batch] = []
    times: list[float] = []
    started = last = time.perf_counter()
    while len(batches) < most:
        try:
            item = next(source)
        except StopIteration:
            return items, batches, times, True
        items.append(item)
        batches.append(batch_of(item))
        now = time.perf_counter()
        times.append(now - last)
        last = now
        seen = sum(batch.rows for batch in batches)
        size = sum(_size(batch.x) for batch in batches)
        if seen >= ROWS or size >= BYTES or now - started > SECONDS:
            break
    return items, batches, times, False


def peek(
    x: Any,
    y: Any = None,
    weight: Any = None,
    *,
    batch_size: int | None = None,
    steps: int | None = None,
    most: int = 16,
) -> tuple[Sample, Any]:
    """Looks at a source of data.

    Args:
        x: What `fit` got as `x`; `y` and `weight` likewise.
        batch_size: The argument of `fit`, or None.
        steps: `steps_per_epoch`, or None.
        most: The most batches to look at.

    Returns:
        The sample, and what to give to `fit` in place of `x`: the same object, or for a Python
        generator one that begins with the batches that were looked at.
    """
    if isinstance(x, types.GeneratorType):
        states: list[States] = []
        with untouched():
            items, batches, times, done = _draw(_noting(x, states), most)
        sample = Sample(
            "generator",
            tuple(batches),
            x,
            steps=steps,
            batch_size=_rows(batches),
            complete=done,
            seconds=tuple(times),
        )
        return sample, _put_back(items, states, x)
    for name, look in _KINDS:
        if name(x):
            with untouched():
                return look(x, steps, most), x
    if _is_arrays(x):
        return _arrays(x, y, weight, batch_size or 32, most), x
    return Sample("unknown", (), x), x


def _generators() -> States:
    """The states of the random generators that a Python generator may draw from."""
    key: Any = np.random.get_state()  # noqa: NPY002 - the user's code draws from it
    return {"python": random.getstate(), "numpy": (key[0], key[1].tobytes(), *key[2:])}


def _noting(source: Iterator[Any], states: list[States]) -> Iterator[Any]:
    """Notes the states before the first item and after each."""
    states.append(_generators())
    for item in source:
        states.append(_generators())
        yield item


def _put_back(items: list[Any], states: list[States], rest: Iterator[Any]) -> Iterator[Any]:
    """Gives the items drawn, each moving the random generators as drawing it did, then the rest."""
    for index, item in enumerate(items):
        now = _generators()
        # Where someone else has drawn meanwhile, there is no state to go on from.
        if now["python"] == states[index]["python"]:
            random.setstate(states[index + 1]["python"])
        if now["numpy"] == states[index]["numpy"]:
            name, key, *more = states[index + 1]["numpy"]
            np.random.set_state((name, np.frombuffer(key, dtype=np.uint32), *more))  # noqa: NPY002
        yield item
    items.clear()
    yield from rest


def _rows(batches: list[Batch]) -> int | None:
    return batches[0].rows if batches else None


def _is_arrays(x: Any) -> bool:
    if isinstance(x, dict):
        return all(_is_arrays(part) for part in x.values())
    if isinstance(x, list | tuple):
        return bool(x) and (all(_is_arrays(part) for part in x) or np.isscalar(x[0]))
    return hasattr(x, "shape") and hasattr(x, "__getitem__")


def take_rows(value: Any, index: Any) -> Any:
    """Rows of an array, or of each array of a structure, as NumPy arrays."""
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: take_rows(part, index) for key, part in value.items()}
    if isinstance(value, list | tuple) and value and not np.isscalar(value[0]):
        return type(value)(take_rows(part, index) for part in value)
    if hasattr(value, "iloc"):
        return np.asarray(value.iloc[index])
    if isinstance(value, np.ndarray):
        return value[index]
    return to_numpy(value)[index]


def _arrays(x: Any, y: Any, weight: Any, batch_size: int, most: int) -> Sample:
    n = rows_of(x)
    row = max(1, _size(take_rows(x, slice(0, 1))))
    wanted = max(1, min(n, ROWS, BYTES // row))
    index = np.unique(np.linspace(0, max(0, n - 1), wanted).astype(int)) if n else np.arange(0)
    # Strided rows would meet one class only where classes alternate with the stride.
    index = np.random.default_rng(0).permutation(index)
    cuts = [index[i : i + batch_size] for i in range(0, len(index), batch_size)][:most]
    batches = tuple(Batch(take_rows(x, cut), take_rows(y, cut), take_rows(weight, cut)) for cut in cuts)
    steps = -(-n // batch_size)
    return Sample("arrays", batches, x, False, n, steps, batch_size, whole=(x, y), complete=len(index) == n)


def _is_tf(x: Any) -> bool:
    tensorflow = sys.modules.get("tensorflow")
    if tensorflow is None:
        return False
    return isinstance(x, tensorflow.data.Dataset) or type(x).__name__ in ("DistributedDataset",)


def _tf(x: Any, steps: int | None, most: int) -> Sample:
    import tensorflow as tf

    from headstart.doctor.capture.patches import tfdata
    from headstart.doctor.capture.pipeline import detached

    with tfdata.peeking():
        _, batches, times, done = _draw(iter(detached(x)), most)
    cardinality = int(tf.data.experimental.cardinality(x))
    known = cardinality if cardinality >= 0 else None
    size = _rows(batches)
    return Sample(
        "tf.data",
        tuple(batches),
        x,
        rows=known * size if known is not None and size else None,
        steps=steps or known,
        batch_size=size,
        complete=done,
        seconds=tuple(times),
    )


def _is_pydataset(x: Any) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(x, keras.utils.PyDataset)


def batches_of(x: Any, picked: Sequence[int]) -> tuple[Batch, ...]:
    """Some batches of a `PyDataset` by their numbers, leaving it as it was."""
    with untouched():
        return _pydataset(x, None, len(picked), picked).batches


def _pydataset(x: Any, steps: int | None, most: int, picked: Sequence[int] | None = None) -> Sample:
    kept = {name: _kept(value) for name, value in vars(x).items()}
    lock = getattr(x, "lock", None)
    try:
        total = getattr(x, "num_batches", None)
        if total is None:
            with contextlib.suppress(TypeError, NotImplementedError):
                total = len(x)
        if picked is None:
            picked = range(min(total, most)) if total is not None else range(most)
        _, batches, times, _ = _draw((x[i] for i in picked), most)
    finally:
        for name, back in kept.items():
            value = back()
            if value is not lock or name != "lock":
                vars(x)[name] = value
        for name in set(vars(x)) - set(kept):
            del vars(x)[name]
    size = _rows(batches)
    return Sample(
        "pydataset",
        tuple(batches),
        x,
        rows=getattr(x, "n", None) or (total * size if total is not None and size else None),
        steps=steps or total,
        batch_size=size,
        complete=total is not None and len(batches) == total,
        seconds=tuple(times),
    )


def _kept(value: Any) -> Callable[[], Any]:
    """How to get an attribute back as it was: generators by their state, small arrays by a copy."""
    if isinstance(value, np.random.Generator):
        state = copy.deepcopy(value.bit_generator.state)

        def back() -> Any:
            value.bit_generator.state = state
            return value

        return back
    if isinstance(value, random.Random):
        python_state = value.getstate()

        def again() -> Any:
            value.setstate(python_state)
            return value

        return again
    if isinstance(value, np.random.RandomState):
        old = value.get_state()

        def reset() -> Any:
            value.set_state(old)
            return value

        return reset
    if isinstance(value, np.ndarray) and value.nbytes < 1 << 22:
        copied = value.copy()

        def refill() -> Any:
            if value.shape == copied.shape and value.flags.writeable:
                value[...] = copied
            return value

        return refill
    if isinstance(value, list) and len(value) < 1_000_000:
        items = list(value)

        def relist() -> Any:
            value[:] = items
            return value

        return relist
    return lambda: value


def _is_loader(x: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(x, torch.utils.data.DataLoader)


def _loader(x: Any, steps: int | None, most: int) -> Sample:
    generators = [g for g in (x.generator, getattr(x.sampler, "generator", None)) if g is not None]
    states = [g.get_state() for g in generators]
    try:
        # In this process and not in the loader's workers: they would start and end for a few batches.
        if x.batch_sampler is not None and hasattr(x.dataset, "__getitem__"):
            source: Iterator[Any] = (x.collate_fn([x.dataset[i] for i in chunk]) for chunk in x.batch_sampler)
        else:
            source = itertools.chain(x)
        _, batches, times, done = _draw(source, most)
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)
    total = None
    with contextlib.suppress(TypeError):
        total = len(x)
    rows = len(x.dataset) if hasattr(x.dataset, "__len__") else None
    return Sample(
        "dataloader",
        tuple(batches),
        x,
        True,
        rows,
        steps or total,
        _rows(batches),
        complete=done,
        seconds=tuple(times),
    )


_KINDS: tuple[tuple[Callable[[Any], bool], Callable[[Any, int | None, int], Sample]], ...] = (
    (_is_tf, _tf),
    (_is_pydataset, _pydataset),
    (_is_loader, _loader),
)
