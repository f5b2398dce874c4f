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
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import Batch, Sample, batch_of, bytes_of, rows_of, take_rows
from headstart.doctor.probes.untouched import untouched

States = dict[str, Any]

ROWS = 256
"""Rows after which looking stops."""
BYTES = 96 << 20
"""Bytes after which looking stops."""
SECONDS = 4.0
"""Seconds after which looking stops, once a batch is there."""


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
        size = sum(bytes_of(batch.x) for batch in batches)
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


def _arrays(x: Any, y: Any, weight: Any, batch_size: int, most: int) -> Sample:
    n = rows_of(x)
    row = max(1, bytes_of(take_rows(x, slice(0, 1))))
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
