"""Training meets the rows class by class, because nothing shuffles them.

What it is
    `fit` shuffles arrays, but not with `shuffle=False`, and never the rows of a `tf.data` pipeline, a
    generator or a loader. Sources that stand sorted by class stay so.

Why it hurts
    Each batch pulls all weights towards the class that it holds; the net forgets one class while it
    learns the next, and the loss goes up and down like a saw.

Wrong
    ds = tf.data.Dataset.from_tensor_slices((x, y)).batch(32)  # y sorted

Right
    ds = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(32)

How it was measured
    The labels are read batch by batch, in the order that training would meet them: the share of the most
    frequent class within a batch, against what well mixed batches of the same labels would have.

When it is wrong
    Files that already stand in random order need no shuffle, and stateful nets want the order; loaders
    for test data are not looked at.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case
from headstart.doctor.lines import values as data_lines
from headstart.doctor.probes.classes import Classes
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.views.data import classifies, is_series, made_at
from headstart.doctor.views.data_steps import Step, has, steps
from headstart.doctor.views.loaders import loader_of

NAME = "no-shuffle-training"
GROUP = "data"
FIXES = True

EXPLAINS = ("loss-not-falling", "shuffle-ignored")


def check(case: Case) -> Iterable[Finding]:
    """Looks at how batches mix the classes."""
    found = sorted_batches(case)
    if found is None:
        return
    pipeline = steps(case.trace, case.train.source) if case.train and case.train.kind == "tf.data" else []
    if has(pipeline, "shuffle", "shuffle_and_repeat") or is_series(case):
        return
    place, edit = _where(case, pipeline, len(found.ids) if found.whole else 10_000)
    yield Finding(
        NAME,
        "warning",
        place,
        "training meets the rows class by class, because nothing shuffles them",
        evidence(found),
        EXPLAINS,
        edit,
        cost=found.purity - found.purity_mixed,
    )


def sorted_batches(case: Case) -> Classes | None:
    """The classes, where batches are of one class each although the data have several; else None."""
    train = case.train
    if train is None or not classifies(case):
        return None
    if train.kind == "arrays" and case.fit_argument("shuffle", True) is not False:
        return None
    if train.kind == "pydataset" and getattr(train.source, "shuffle", None) is True:
        return None
    classes: Classes = case.probes.classes
    if len(classes.batches) < 4 or len(classes.counts) < 2 or classes.top > 0.9:
        return None
    rows = [len(batch) for batch in classes.batches]
    if max(rows) < 4 or classes.purity < 0.95 or classes.purity_mixed > 0.8:
        return None
    return classes


def evidence(found: Classes) -> dict[str, float | int]:
    """What proves that batches are not mixed."""
    return {
        "classes": len(found.counts),
        "share of the most frequent class in a batch (median)": round(found.purity, 3),
        "the same if mixed": round(found.purity_mixed, 3),
        "batches looked at": len(found.batches),
    }


def _where(case: Case, pipeline: list[Step], rows: int) -> tuple[Place | None, Edit | None]:
    fit = case.fit.place if case.fit is not None else None
    if case.train is None or fit is None:
        return fit, None
    if case.train.kind == "arrays":
        return fit, Edit("Let fit shuffle", (edits.remove_argument(fit, "shuffle"),), safe=True)
    loader = loader_of(case)
    if loader is not None and loader.event.arguments.get("shuffle") is False:
        place = loader.event.place
        if place is None or loader.event.arguments.get("validation_split"):
            return place, None
        change = edits.set_argument(place, "shuffle", "True")
        return place, Edit("Let the loader shuffle", (change,), safe=True)
    batch = next((s.event for s in pipeline if s.name == "batch" and s.event is not None), None)
    if batch is not None:
        return batch.place, shuffling(case, batch, rows)
    made = next((s.event for s in pipeline if s.event is not None), None)
    return (made.place if made is not None else made_at(case, case.train.source)) or fit, None


def shuffling(case: Case, batch: Event, rows: int) -> Edit | None:
    """Puts a shuffle before a call of `batch`."""
    call = data_lines.call_at(case, batch.place)
    if batch.place is None or call is None or not isinstance(call.func, ast.Attribute):
        return None
    code = f"{ast.unparse(call.func.value)}.shuffle({rows}).batch"
    if "\n" in case.code(batch.place):
        return None
    return Edit("Shuffle the rows before they are batched", (edits.set_callee(batch.place, code),), safe=True)
