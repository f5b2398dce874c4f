"""Validation uses the very rows that the model is trained on.

What it is
    The same arrays, data set or generator are given as training and as validation data, or validation is
    a part of what is trained on.

Why it hurts
    Validation then shows how well rows were memorised. Early stopping, checkpoints and every choice made
    by it are blind to over-fitting.

Wrong
    model.fit(X_train, y_train, validation_data=(X_train, y_train))

Right
    model.fit(X_train, y_train, validation_data=(X_val, y_val))

How it was measured
    The live objects: the same array or memory, equal contents, or one pipeline behind both data sets.

When it is wrong
    A small set is sometimes over-fitted on purpose, and toys such as XOR have no other rows: below a
    hundred rows it is information only. A Python generator may draw new rows for each use.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.capture.peek import batches_of
from headstart.doctor.capture.samples import Sample
from headstart.doctor.case import Case
from headstart.doctor.lines import values as data_lines
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.data_steps import Step, inputs, steps

NAME = "val-is-train"
GROUP = "data"
FIXES = True

EXPLAINS = ("duplicate-leakage", "group-leakage", "test-used-for-choice")
ENOUGH = 100
"""Rows from which validating on them is no toy."""

ALL = frozenset(
    ["map", "batch", "padded_batch", "shuffle", "cache", "prefetch", "repeat", "options", "model", "rebatch"]
)
SOME = frozenset(["take", "skip", "shard", "filter"])


def check(case: Case) -> Iterable[Finding]:
    """Compares the objects behind training and validation."""
    train, validation = case.train, case.validation
    if train is None or validation is None or case.fit is None:
        return
    found = relation(case, train, validation)
    if found is None:
        return
    how, whole = found
    rows = train.rows or sum(batch.rows for batch in train.batches)
    what = "the training data themselves" if whole else "a part of the training data"
    yield Finding(
        NAME,
        "warning" if rows >= ENOUGH else "info",
        case.fit.place,
        f"validation uses {what}, so it cannot show over-fitting",
        {"told by": how, "rows of training": rows},
        EXPLAINS,
        _edit(case, whole),
        cost=0.1,
    )


def relation(case: Case, train: Sample, validation: Sample) -> tuple[str, bool] | None:
    """How validation is of the training data, and whether it is all of them; None where it is not."""
    if train.whole is not None and validation.whole is not None:
        return _arrays(train.whole, validation.whole)
    if train.source is validation.source:
        if train.kind == "generator":
            return None
        return ("the same object", True) if _fixed(case, train) else None
    if train.kind == validation.kind == "tf.data":
        return _pipelines(case, train, validation)
    return None


def _arrays(train: tuple[Any, Any], validation: tuple[Any, Any]) -> tuple[str, bool] | None:
    x, other = _parts(train[0]), _parts(validation[0])
    if len(x) != len(other) or not x:
        return None
    if all(_equal(a, b) for a, b in zip(x, other, strict=True)):
        y, same = _parts(train[1]), _parts(validation[1])
        if len(y) != len(same) or not all(_equal(a, b) for a, b in zip(y, same, strict=True)):
            return None
        how = "the same arrays" if x[0] is other[0] else "arrays of equal content"
        return how, True
    if all(_inside(a, b) for a, b in zip(x, other, strict=True)):
        return "rows of the same memory", False
    return None


def _parts(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, dict):
        return [part for one in value.values() for part in _parts(one)]
    if isinstance(value, list | tuple) and value and hasattr(value[0], "shape"):
        return [part for one in value for part in _parts(one)]
    return [value]


def _equal(a: Any, b: Any) -> bool:
    if a is b:
        return True
    if getattr(a, "shape", 0) != getattr(b, "shape", 1) or not hasattr(a, "__array__"):
        return False
    one, other = np.asarray(a), np.asarray(b)
    return one.dtype == other.dtype and bool(np.array_equal(one, other))


def _inside(a: Any, b: Any) -> bool:
    """Whether the rows of `b` are rows of `a` in memory."""
    if not isinstance(a, np.ndarray) or not isinstance(b, np.ndarray):
        return False
    if a.shape[1:] != b.shape[1:] or len(b) > len(a):
        return False
    # Windows over one series lie on top of one another in memory, and are different rows all the same.
    if any(part.ndim == 0 or abs(part.strides[0]) < part[0].nbytes for part in (a, b)):
        return False
    try:
        return bool(np.shares_memory(a, b, max_work=10_000))  # type: ignore[arg-type]
    except (np.exceptions.TooHardError, ValueError):
        return False


def _fixed(case: Case, train: Sample) -> bool:
    """Whether the source holds rows, and does not make new ones up whenever it is read."""
    source = train.source
    if hasattr(source, "filepaths") or hasattr(source, "index_array"):
        return True
    if train.kind == "dataloader":
        return hasattr(source.dataset, "tensors")
    if train.kind == "tf.data":
        names = [step.name for step in steps(case.trace, source)]
        if "tensor_slice" in names and not {"flat_map", "random"} & set(names):
            return True
    if train.kind != "pydataset":
        return False
    first, second = batches_of(source, (0, 0))
    return all(_equal(a, b) for a, b in zip(_parts(first.x), _parts(second.x), strict=True))


def _pipelines(case: Case, train: Sample, validation: Sample) -> tuple[str, bool] | None:
    mine, theirs = (_line(steps(case.trace, sample.source)) for sample in (train, validation))
    # What both lines have in common, such as a first `take`, cuts both alike.
    met = {id(step.dataset) for step in mine} & {id(step.dataset) for step in theirs}
    if not met and not _same_root(mine[-1], theirs[-1]):
        return None
    own, other = (
        {step.name for step in line[: None if met else -1] if id(step.dataset) not in met}
        for line in (mine, theirs)
    )
    if own - ALL or not _fixed(case, train):
        return None
    if not other - ALL:
        return "one pipeline behind both", True
    return ("one pipeline behind both", False) if other - ALL <= SOME else None


def _line(found: list[Step]) -> list[Step]:
    """The steps of a pipeline down to where it branches."""
    for index, step in enumerate(found):
        if len(inputs(step.dataset)) != 1:
            return found[: index + 1]
    return found


def _same_root(one: Step, other: Step) -> bool:
    if one.dataset is other.dataset:
        return True
    if one.event is None or other.event is None or one.name != "tensor_slice" or other.name != one.name:
        return False
    first, second = (_parts(event.arguments.get("tensors")) for event in (one.event, other.event))
    return len(first) == len(second) > 0 and all(_equal(a, b) for a, b in zip(first, second, strict=True))


def _edit(case: Case, whole: bool) -> Edit | None:
    train = case.train
    place = case.fit.place if case.fit is not None else None
    if not whole or train is None or train.kind != "arrays" or place is None or (train.rows or 0) < ENOUGH:
        return None
    call = data_lines.call_at(case, place)
    if call is None or not any(keyword.arg == "validation_data" for keyword in call.keywords):
        return None
    ids = case.labels
    if ids is not None and _sorted(case):
        return None
    change = (
        edits.remove_argument(place, "validation_data"),
        edits.set_argument(place, "validation_split", "0.2"),
    )
    return Edit("Hold back a fifth of the rows", change, safe=True)


def _sorted(case: Case) -> bool:
    """Whether the last fifth holds other classes than the rest."""
    from headstart.doctor.views.data import whole_labels

    ids = whole_labels(case)
    if ids is None:
        return False
    at = int(len(ids) * 0.8)
    values = np.unique(ids)
    shares = [np.array([(part == v).mean() for v in values]) for part in (ids[:at], ids[at:])]
    return bool(np.abs(shares[0] - shares[1]).sum() > 0.4)
