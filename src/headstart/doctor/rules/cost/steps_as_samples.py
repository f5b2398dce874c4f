"""`steps_per_epoch` is the number of samples, where it counts batches.

What it is
    Keras 1 counted samples in an epoch, Keras 2 and later count steps. `steps_per_epoch=len(x_train)` is an
    epoch of as many batches as there are rows.

Why it hurts
    An epoch takes as many times longer as a batch has rows; from a source that ends, the training breaks off.

Wrong
    model.fit(generator, steps_per_epoch=len(x_train))

Right
    model.fit(generator, steps_per_epoch=len(x_train) // 32)

How it was measured
    Steps times the rows of a batch of the live source, against the rows that there are: in the iterator, in
    the pipeline before its repeat, or in the array that the generator draws from.

When it is wrong
    Drawing twice as much as there is may be wanted: the rule speaks only where steps equal the rows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import Sample, rows_of
from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.cost.no_cache_prefetch import pipeline

NAME = "steps-as-samples"
GROUP = "cost"
FIXES = True

FEWEST = 4
"""Rows of a batch below which steps and samples are nearly the same."""
NEAR = 0.02


def check(case: Case) -> Iterable[Finding]:
    """Compares the steps that were asked for with the rows that there are."""
    steps, train, fit = case.fit_argument("steps_per_epoch"), case.train, case.fit
    if not isinstance(steps, int | np.integer) or train is None or fit is None or fit.place is None:
        return
    if any(e.place == fit.place for e in case.trace.of_kind("removed-method")):
        # Keras 1's `samples_per_epoch` did count samples; the method is named for that by its own rule.
        return
    batch = train.batch_size or 0
    if batch < FEWEST or steps < 2 * batch:
        return
    found = _rows(case, train, int(steps))
    if found is None:
        return
    rows, where = found
    if abs(steps - rows) > NEAR * rows:
        return
    yield Finding(
        NAME,
        "warning",
        fit.place,
        f"steps_per_epoch counts batches, and {steps} is the number of rows: {batch} times the data an epoch",
        {"steps_per_epoch": int(steps), "rows of a batch": batch, where: rows, "times the data": batch},
        explains=("dataset-exhausted", "frozen-base-recomputed"),
        edit=_edit(case, train.kind, batch),
        cost=0.01,
    )


def _rows(case: Case, train: Sample, steps: int) -> tuple[int, str] | None:
    """How many rows there are, and how that is known."""
    source = train.source
    if train.kind == "arrays" and train.rows:
        return train.rows, "rows of the arrays"
    if train.kind == "pydataset":
        number = getattr(source, "n", None)
        if isinstance(number, int):
            return number, "rows of the iterator"
        try:
            return len(source) * (train.batch_size or 0), "rows of the source"
        except Exception:
            return None
    if train.kind == "dataloader" and train.rows:
        return train.rows, "rows of the loader"
    if train.kind == "tf.data":
        return _before_repeat(case, train)
    if train.kind == "generator":
        return _in_generator(source, train, steps)
    return None


def _before_repeat(case: Case, train: Sample) -> tuple[int, str] | None:
    import tensorflow as tf

    batched = False
    for event in pipeline(case):
        batched = batched or event.name in ("batch", "padded_batch")
        if event.name == "repeat":
            count = int(tf.data.experimental.cardinality(event.subject))
            size = 1 if batched else (train.batch_size or 1)
            return (count * size, "rows before the repeat") if count > 0 else None
    return None


def _in_generator(source: Any, train: Sample, steps: int) -> tuple[int, str] | None:
    """An array among the generator's own names whose rows are what it yields, and as many as the steps."""
    frame = getattr(source, "gi_frame", None)
    sample = train.batches[0].x if train.batches else None
    if frame is None or not isinstance(sample, np.ndarray):
        return None
    spaces = (frame.f_locals, frame.f_globals)
    for value in [v for space in spaces for v in list(space.values())]:
        alike = isinstance(value, np.ndarray) and value.ndim > 1 and value.shape[1:] == sample.shape[1:]
        if alike and rows_of(value) == steps:
            return steps, "rows of the array that it draws from"
    # Files are drawn by name: the list of them, in the generator's own frame only.
    for value in frame.f_locals.values():
        names = isinstance(value, list | tuple) and len(value) == steps and isinstance(value[0], str)
        if names:
            return steps, "files that it draws from"
    return None


def _edit(case: Case, kind: str, batch: int) -> Edit | None:
    fit = case.fit
    place = fit.place if fit is not None else None
    if place is None:
        return None
    if kind in ("arrays", "dataloader"):
        return Edit("Leave the steps to Keras", (edits.remove_argument(place, "steps_per_epoch"),), safe=True)
    try:
        call = ast.parse(case.code(place), mode="eval").body
    except SyntaxError:
        return None
    given = [k.value for k in getattr(call, "keywords", []) if k.arg == "steps_per_epoch"]
    if not given:
        return None
    text = ast.unparse(given[0])
    text = text if isinstance(given[0], ast.Name | ast.Call | ast.Constant | ast.Attribute) else f"({text})"
    step = edits.set_argument(place, "steps_per_epoch", f"{text} // {batch}")
    return Edit("Count batches", (step,), safe=True)
