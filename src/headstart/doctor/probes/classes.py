"""The classes of the training data, farther than the sample goes, and how batches mix them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.peek import batches_of
from headstart.doctor.capture.samples import Sample, to_numpy
from headstart.doctor.case import class_ids
from headstart.doctor.probes import ProbeError
from headstart.doctor.views.data_steps import has, steps

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

SECONDS = 0.8
"""How long labels are drawn from a source that has to be run for them."""
ROWS = 20_000
CHANGE_NOTHING = frozenset(
    [
        "map",
        "batch",
        "padded_batch",
        "shuffle",
        "cache",
        "prefetch",
        "repeat",
        "options",
        "tensor_slice",
        "zip",
        "model",
        "range",
    ]
)
"""Steps that keep every row."""


@dataclass(frozen=True)
class Classes:
    """Class ids of the training data.

    Attributes:
        ids: Class ids as far as they were seen, in the order of the source.
        whole: Whether these are the labels of all rows.
        batches: Class ids of batches as training meets them; empty where `fit` itself mixes the rows.
        width: Columns of one-hot labels, or None for ids.
    """

    ids: Array
    whole: bool
    batches: tuple[Array, ...]
    width: int | None

    @property
    def counts(self) -> dict[int, int]:
        """How often each class occurs."""
        values, counts = np.unique(self.ids, return_counts=True)
        return {int(v): int(c) for v, c in zip(values, counts, strict=True)}

    @property
    def top(self) -> float:
        """The share of the most frequent class."""
        return max(self.counts.values()) / len(self.ids)

    @property
    def purity(self) -> float:
        """The median over batches of the share of each batch's most frequent class; 0 without batches."""
        tops = [float(np.unique(b, return_counts=True)[1].max() / len(b)) for b in self.batches if len(b)]
        return float(np.median(tops)) if tops else 0.0

    @property
    def purity_mixed(self) -> float:
        """What that would be were the same rows mixed well: the 95th of a hundred tries."""
        if not self.batches:
            return 0.0
        rng = np.random.default_rng(0)
        joined = self.ids if self.whole else np.concatenate(self.batches)
        cuts = np.cumsum([len(b) for b in self.batches])[:-1]
        tries = []
        for _ in range(100):
            parts = np.split(rng.choice(joined, sum(len(b) for b in self.batches)), cuts)
            tops = [np.unique(p, return_counts=True)[1].max() / len(p) for p in parts if len(p)]
            tries.append(float(np.median(tops)))
        return sorted(tries)[94]


def measure(case: Case) -> Classes:
    """Reads labels without reading rows where the source keeps them apart."""
    train = case.train
    if train is None or not train.batches:
        raise ProbeError("no data was seen")
    if train.kind == "arrays":
        return _arrays(case, train)
    if train.kind == "tf.data":
        return _tf(case, train)
    if train.kind == "pydataset":
        return _pydataset(train)
    if train.kind == "dataloader":
        return _loader(train)
    return _sampled(train)


def _ids(y: Any) -> Array:
    ids = class_ids(y)
    if ids is None or not len(ids):
        raise ProbeError("the targets are no classes")
    return ids


def _width(y: Any) -> int | None:
    shape: tuple[int, ...] = getattr(y, "shape", ())
    return int(shape[1]) if len(shape) == 2 and shape[1] > 1 else None


def _arrays(case: Case, train: Sample) -> Classes:
    y = to_numpy(train.whole[1]) if train.whole is not None else None
    ids = _ids(y)
    size = train.batch_size or 32
    batches: tuple[Array, ...] = ()
    if case.fit_argument("shuffle", True) is False:
        batches = tuple(ids[i : i + size] for i in range(0, len(ids), size))
    return Classes(ids, True, batches, _width(y))


def _sampled(train: Sample) -> Classes:
    ids = _ids(train.y)
    return Classes(ids, train.complete, _cut(ids, [b.rows for b in train.batches]), _width(train.y))


def _cut(ids: Array, sizes: list[int]) -> tuple[Array, ...]:
    if sum(sizes) != len(ids):
        return ()
    return tuple(np.split(ids, np.cumsum(sizes)[:-1]))


def _tf(case: Case, train: Sample) -> Classes:
    from headstart.doctor.capture.patches import tfdata
    from headstart.doctor.capture.pipeline import detached

    _ids(train.y)  # before more is drawn: are these classes at all?
    most = train.steps or 10_000
    drawn: list[Any] = []
    done = False
    until = time.perf_counter() + SECONDS
    source = detached(train.source)
    if source is train.source:
        return _sampled(train)
    with tfdata.peeking():
        iterator = iter(source)
        while len(drawn) < most and time.perf_counter() < until and sum(map(len, drawn)) < ROWS:
            try:
                item = next(iterator)
            except StopIteration:
                done = True
                break
            drawn.append(to_numpy(item[1]))
    if not drawn or np.ndim(drawn[0]) == 0:
        return _sampled(train)
    joined = np.concatenate(drawn)
    ids = _ids(joined)
    batches = _cut(ids, [len(part) for part in drawn])
    known = _root_labels(case, train)
    if known is not None:
        return Classes(known, True, batches, _width(joined))
    return Classes(ids, done or len(drawn) == most, batches, _width(joined))


def _root_labels(case: Case, train: Sample) -> Array | None:
    """All labels, where the pipeline begins with one pair of arrays and keeps every row and label of it."""
    found = steps(case.trace, train.source)
    roots = [step for step in found if step.name == "tensor_slice"]
    if len(roots) != 1 or any(step.name not in CHANGE_NOTHING for step in found) or has(found, "zip"):
        return None
    event = roots[0].event
    tensors = event.arguments.get("tensors") if event is not None else None
    if not isinstance(tensors, tuple) or len(tensors) < 2 or getattr(tensors[1], "ndim", 0) not in (1, 2):
        return None
    ids = class_ids(to_numpy(tensors[1]))
    # A map may have changed the labels: what arrives decides.
    seen = class_ids(train.y)
    if ids is None or seen is None or not set(np.unique(seen)) <= set(np.unique(ids)):
        return None
    return ids if not has(found, "map") or len(np.unique(ids)) == len(np.unique(seen)) else None


def _pydataset(train: Sample) -> Classes:
    source = train.source
    ids = _ids(train.y)
    width = _width(train.y)
    labels = getattr(source, "classes", None)
    if labels is None:
        labels = getattr(source, "y", None)
    shuffled = getattr(source, "shuffle", None)
    known = class_ids(to_numpy(labels)) if _like(labels, train) else None
    if known is not None and set(np.unique(ids)) <= set(np.unique(known)):
        size = train.batch_size or 32
        ordered = shuffled is False and hasattr(source, "index_array")
        batches = tuple(known[i : i + size] for i in range(0, len(known), size)) if ordered else ()
        return Classes(known, True, batches, width)
    total = train.steps
    if total is not None and total > len(train.batches) and not train.complete:
        each = max(1e-4, float(np.mean(train.seconds or (0.01,))))
        most = int(np.clip(SECONDS / each, 2, 64))
        picked = np.unique(np.linspace(0, total - 1, most).astype(int))
        drawn = [b.y for b in batches_of(source, [int(i) for i in picked])]
        if drawn and all(isinstance(y, np.ndarray) for y in drawn):
            more = _ids(np.concatenate(drawn))
            return Classes(more, len(picked) == total, _cut(more, [len(y) for y in drawn]), width)
    return _sampled(train)


def _like(labels: Any, train: Sample) -> bool:
    try:
        return labels is not None and len(labels) == train.rows
    except TypeError:
        return False


def _loader(train: Sample) -> Classes:
    loader = train.source
    tensors = getattr(loader.dataset, "tensors", None)
    sampler = type(getattr(loader, "sampler", None)).__name__
    if tensors is None or len(tensors) < 2:
        return _sampled(train)
    known = _ids(to_numpy(tensors[1]))
    if sampler not in ("RandomSampler", "SequentialSampler"):
        return Classes(known, True, (), _width(tensors[1]))
    size = train.batch_size or 1
    in_order = sampler == "SequentialSampler"
    batches = tuple(known[i : i + size] for i in range(0, len(known), size)) if in_order else ()
    return Classes(known, True, batches, _width(tensors[1]))
