"""`cache()` stands after random augmentation, so every epoch gets the same augmented rows.

What it is
    A cache keeps what comes out of the steps before it. Random steps before it run once, and their first
    outcome is replayed for ever.

Why it hurts
    The augmentation costs its time in the first epoch and brings nothing: there is one variant of each
    picture, not a new one in each epoch.

Wrong
    ds = ds.map(augment).cache()

Right
    ds = ds.cache().map(augment)

How it was measured
    The pipeline before the cache is run twice beside the user's own, without shuffles: whether the rows
    differ.

When it is wrong
    Fixed crops and resizing give the same rows twice; those belong before a cache. A shuffle before it
    does no harm to the rows.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import batch_of
from headstart.doctor.case import Case
from headstart.doctor.lines import values as data_lines
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.views.data_steps import has, steps

NAME = "cache-after-augment"
GROUP = "data"
FIXES = True

ROWS = 8
"""Elements, rows or batches, that are compared."""


def check(case: Case) -> Iterable[Finding]:
    """Runs what stands before the cache twice."""
    train = case.train
    if train is None or train.kind != "tf.data":
        return
    for step in steps(case.trace, train.source):
        if step.name != "cache" or step.event is None or step.event.subject is None:
            continue
        before = steps(case.trace, step.event.subject)
        if not has(before, "map", "interleave", "flat_map") or has(before, "cache", "sampling", "random"):
            continue
        # Rows that are made up out of nothing are no augmentation: a cache may be there to fix them.
        if before[-1].name not in ("tensor_slice", "tensor") or has(before, "flat_map"):
            continue
        first, second = _twice(step.event.subject)
        if not first or len(first & second) > 0.1 * len(first):
            continue
        yield Finding(
            NAME,
            "warning",
            step.event.place,
            "the cache keeps the first outcome of random steps before it, so all epochs see the same rows",
            {"rows looked at": len(first), "of them alike on the second pass": len(first & second)},
            (),
            _edit(case, step.event.place),
            cost=0.05,
        )
        return


def _twice(dataset: Any) -> tuple[set[bytes], set[bytes]]:
    from headstart.doctor.capture.patches import tfdata
    from headstart.doctor.capture.pipeline import detached
    from headstart.doctor.probes.untouched import untouched

    copy = detached(dataset, shuffled=False)
    if copy is dataset:
        return set(), set()
    # One iterator for both passes: a second copy would begin at the same state of a layer's or an
    # operation's random seed.
    few = copy.take(ROWS)
    with untouched(), tfdata.peeking():
        found = [_code(batch_of(item).x) for item in few.repeat(2)]
    half = len(found) // 2
    return set(found[:half]), set(found[half:])


def _code(x: Any) -> bytes:
    """The hash of an element, a row or a batch."""
    while isinstance(x, dict | list | tuple):
        x = next(iter(x.values())) if isinstance(x, dict) else x[0]
    return hashlib.blake2b(np.ascontiguousarray(x).tobytes(), digest_size=16).digest()


def _edit(case: Case, place: Place | None) -> Edit | None:
    """Puts the cache before the map that it follows, or takes it away."""
    call = data_lines.call_at(case, place)
    if place is None or call is None or not isinstance(call.func, ast.Attribute):
        return None
    if call.args or call.keywords:
        return None
    inner = call.func.value
    if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "map":
        inner.func.value = ast.Call(ast.Attribute(inner.func.value, "cache", ast.Load()), [], [])
        return Edit("Cache before the random step", (edits.replace(place, ast.unparse(inner)),), safe=True)
    return Edit("Take the cache away", (edits.replace(place, ast.unparse(inner)),), safe=True)
