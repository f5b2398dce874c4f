"""`steps_per_epoch` asks for more batches than the data give, so epochs are cut short.

What it is
    With `steps_per_epoch`, Keras goes on through the same pass over the data from epoch to epoch. A source
    that ends, and is not repeated, runs out in the middle of an epoch.

Why it hurts
    Keras warns and breaks the epoch off: some epochs have a few batches or none, and their averages,
    schedules and checkpoints mean something else than the script says.

Wrong
    model.fit(ds.batch(32), steps_per_epoch=50, epochs=10)  # ds has 1,000 rows

Right
    model.fit(ds.batch(32), epochs=10)

How it was measured
    The batches that the source gives, and the steps of each epoch counted as Keras counts them.

When it is wrong
    A source without end, or one that is repeated, never runs out.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.lines import values as data_lines
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits

NAME = "dataset-exhausted"
GROUP = "data"
FIXES = True

EXPLAINS = ()


def check(case: Case) -> Iterable[Finding]:
    """Counts the steps that each epoch will really have."""
    asked = case.fit_argument("steps_per_epoch")
    train, fit = case.train, case.fit
    if train is None or fit is None or fit.kind != "fit" or not isinstance(asked, int) or asked < 1:
        return
    there = _batches(case)
    if there is None or there < 1 or _samples_for_steps(case, asked):
        return
    done = epochs(asked, there, min(case.epochs, 1000), restarts=train.kind != "generator")
    short = [index for index, steps in enumerate(done) if steps < asked]
    if not short:
        return
    yield Finding(
        NAME,
        "warning",
        fit.place,
        f"the data end after {there} batches, so epoch {short[0] + 1} has {done[short[0]]} of the"
        f" {asked} steps asked for",
        {
            "batches of the data": there,
            "steps_per_epoch": asked,
            "epochs": case.epochs,
            "epochs cut short": len(short),
        },
        EXPLAINS,
        _edit(case, fit.place, asked, there),
        cost=len(short) / len(done) * (1 - min(done) / asked) / 2,
    )


def epochs(asked: int, there: int, count: int, restarts: bool) -> list[int]:
    """Steps of each epoch, as the epoch iterator of Keras 3 counts them."""
    done: list[int] = []
    seen = 0
    for _ in range(count):
        steps = min(asked, there - seen)
        seen += steps
        done.append(steps)
        if seen >= there and restarts:
            seen = 0
    return done


def _batches(case: Case) -> int | None:
    """Batches of one pass over the source; None where it has no end or cannot be told."""
    train = case.train
    assert train is not None
    if train.kind == "arrays":
        return -(-(train.rows or 0) // (train.batch_size or 32)) or None
    if train.kind == "tf.data":
        import tensorflow as tf

        cardinality = int(tf.data.experimental.cardinality(train.source))
        if cardinality >= 0:
            return cardinality
        return len(train.batches) if train.complete and cardinality == tf.data.UNKNOWN_CARDINALITY else None
    if train.kind == "generator":
        return len(train.batches) if train.complete else None
    if train.kind in ("pydataset", "dataloader"):
        try:
            return len(train.source)
        except (TypeError, NotImplementedError):
            return None
    return None


def _samples_for_steps(case: Case, asked: int) -> bool:
    """Whether the steps are the number of rows: another fault, with a rule of its own."""
    train = case.train
    assert train is not None
    return bool(train.rows and (train.batch_size or 1) > 1 and abs(asked - train.rows) <= 0.1 * train.rows)


def _edit(case: Case, place: Place | None, asked: int, there: int) -> Edit | None:
    train = case.train
    if place is None or train is None or train.kind == "generator":
        return None
    call = data_lines.call_at(case, place)
    if call is None or not any(keyword.arg == "steps_per_epoch" for keyword in call.keywords):
        return None
    if asked >= there - 1:
        change = edits.remove_argument(place, "steps_per_epoch")
        return Edit("Let an epoch be one pass over the data", (change,), safe=True)
    given = data_lines.fit_expression(case, "x")
    where = data_lines.place_of(case, place, given) if isinstance(given, ast.Name | ast.Attribute) else None
    if train.kind != "tf.data" or where is None:
        return None
    return Edit("Repeat the data", (edits.wrap(where, "{}.repeat()"),), safe=True)
