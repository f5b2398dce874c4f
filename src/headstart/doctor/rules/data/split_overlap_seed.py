"""Training and validation come from two splits that were drawn differently, so they share rows.

What it is
    Two calls that each split the same data, but with another seed, another share or without the shuffle
    of the other; or a `tf.data` pipeline whose shuffle before `take` and `skip` is drawn anew each epoch.

Why it hurts
    Rows that validation is to judge were trained on, so its numbers are too good.

Wrong
    train = image_dataset_from_directory(d, validation_split=0.2, subset="training", seed=1)
    val = image_dataset_from_directory(d, validation_split=0.2, subset="validation", seed=2)

Right
    train = image_dataset_from_directory(d, validation_split=0.2, subset="training", seed=1)
    val = image_dataset_from_directory(d, validation_split=0.2, subset="validation", seed=1)

How it was measured
    The files or rows that both sides hold are counted; for a pipeline, two passes over the validation data
    are compared: what is held out must be the same in every epoch.

When it is wrong
    Different folders or equal draws share nothing, and then there is no finding whatever the seeds are.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import Sample, batch_of
from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case
from headstart.doctor.probes.twins import files_of
from headstart.doctor.probes.untouched import untouched
from headstart.doctor.records import Edit, Finding, Number
from headstart.doctor.repair import edits
from headstart.doctor.views.data_steps import Step, steps

NAME = "split-overlap-seed"
GROUP = "data"
FIXES = True

EXPLAINS = ("duplicate-leakage", "group-leakage", "val-is-train")
LOADER_ARGUMENTS = ("validation_split", "seed", "shuffle")


def check(case: Case) -> Iterable[Finding]:
    """Looks for two draws behind training and validation."""
    train, validation = case.train, case.validation
    if train is None or validation is None or case.fit is None:
        return
    if train.whole is not None and validation.whole is not None:
        yield from _two_splits(case, train, validation)
    elif train.kind == validation.kind == "tf.data" and train.source is not validation.source:
        one, other = (steps(case.trace, sample.source) for sample in (train, validation))
        yield from _two_loaders(case, train, validation, one, other)
        yield from _drawn_anew(one, other)


def _two_loaders(
    case: Case, train: Sample, validation: Sample, one: list[Step], other: list[Step]
) -> Iterable[Finding]:
    first, second = _loader(one), _loader(other)
    if first is None or second is None or first is second:
        return
    asked = [event.arguments for event in (first, second)]
    if any(not a.get("validation_split") or a.get("subset") not in ("training", "validation") for a in asked):
        return
    differ = [name for name in LOADER_ARGUMENTS if asked[0].get(name) != asked[1].get(name)]
    files = [set(files_of(case, sample.source)) for sample in (train, validation)]
    shared = len(files[0] & files[1])
    if not differ or not shared:
        return
    place = second.place
    edit = None
    if place is not None and all(isinstance(asked[0].get(name), int | float) for name in differ):
        change = tuple(edits.set_argument(place, name, repr(asked[0][name])) for name in differ)
        edit = Edit("Split both the same way", change, safe=True)
    evidence: dict[str, Number] = {
        "validation files": len(files[1]),
        "of them also in training": shared,
    }
    for name in differ:
        evidence[f"{name} for training"] = _plain(asked[0].get(name))
        evidence[f"{name} for validation"] = _plain(asked[1].get(name))
    yield Finding(
        NAME,
        "warning",
        place,
        f"the two subsets are drawn with another {' and '.join(differ)}, so they share files",
        evidence,
        EXPLAINS,
        edit,
        cost=shared / max(1, len(files[1])),
    )


def _loader(found: list[Step]) -> Event | None:
    return next((s.event for s in found if s.event and s.event.name.endswith("_from_directory")), None)


def _plain(value: Any) -> Number:
    return value if isinstance(value, int | float | str | bool) or value is None else str(value)


def _two_splits(case: Case, train: Sample, validation: Sample) -> Iterable[Finding]:
    assert train.whole is not None
    assert validation.whole is not None
    first, second = (case.trace.event_of(sample.whole[0]) for sample in (train, validation) if sample.whole)
    if first is None or second is None or first is second or {first.kind, second.kind} != {"split"}:
        return
    given = [event.arguments.get("arrays") or () for event in (first, second)]
    if not given[0] or not given[1] or given[0][0] is not given[1][0]:
        return
    one, other = (_codes(sample.whole[0]) for sample in (train, validation) if sample.whole)
    shared = sum(code in set(one) for code in other)
    if shared < 3 or shared < 0.2 * len(other) or len(set(one)) < 0.9 * len(one):
        return
    seeds = [event.arguments.get("random_state") for event in (first, second)]
    late = second if second.order > first.order else first
    early = first if late is second else second
    seed = early.arguments.get("random_state")
    edit = None
    if late.place is not None and isinstance(seed, int):
        change = edits.set_argument(late.place, "random_state", repr(seed))
        edit = Edit("Split both times the same way", (change,), safe=True)
    yield Finding(
        NAME,
        "warning",
        late.place,
        "training and validation come from two splits of the same rows that were drawn differently",
        {
            "validation rows": len(other),
            "of them also in training": shared,
            "seed for training": _plain(seeds[0]),
            "seed for validation": _plain(seeds[1]),
        },
        EXPLAINS,
        edit,
        cost=shared / max(1, len(other)),
    )


def _codes(x: Any) -> list[bytes]:
    array = np.ascontiguousarray(np.asarray(x))
    return [hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in array[:20_000]]


def _drawn_anew(one: list[Step], other: list[Step]) -> Iterable[Finding]:
    mine, theirs = ({id(step.dataset): step for step in side} for side in (one, other))
    both = [step for step in one if id(step.dataset) in theirs]
    shuffle = next((step for step in both if step.name == "shuffle"), None)
    if shuffle is None or shuffle.event is None:
        return
    if shuffle.event.arguments.get("reshuffle_each_iteration") is False:
        return
    if any(step.name in ("cache", "snapshot", "zip", "concatenate") for step in both):
        return
    own = {step.name for step in one if id(step.dataset) not in theirs}
    its = {step.name for step in other if id(step.dataset) not in mine}
    if not own & {"skip", "take", "shard"} or not its & {"skip", "take", "shard"}:
        return
    cut = next(step for step in other if step.name in ("skip", "take", "shard"))
    batched = any("batch" in step.name for step in other[other.index(cut) :])
    first, second = _two_passes(cut.dataset, batched)
    if len(first) < 5 or len(first & second) > 0.9 * len(first):
        return
    place = shuffle.event.place
    edit = None
    if place is not None:
        change = edits.set_argument(place, "reshuffle_each_iteration", "False", 2)
        edit = Edit("Draw the order once", (change,), safe=True)
    yield Finding(
        NAME,
        "warning",
        place,
        "the shuffle before the split is drawn anew each epoch, so validation rows are trained on in others",
        {
            "validation rows looked at": len(first),
            "of them still there on the second pass": len(first & second),
        },
        EXPLAINS,
        edit,
        cost=1 - len(first & second) / len(first),
    )


def _two_passes(dataset: Any, batched: bool) -> tuple[set[bytes], set[bytes]]:
    """The rows of a data set on two passes, as far as they come in little time."""
    from headstart.doctor.capture.patches import tfdata
    from headstart.doctor.capture.pipeline import detached

    copy = detached(dataset)
    passes: list[set[bytes]] = []
    if copy is dataset:
        return set(), set()
    with untouched(), tfdata.peeking():
        for _ in range(2):
            seen: set[bytes] = set()
            until = time.perf_counter() + 0.7
            done = False
            for item in copy:
                x = batch_of(item).x
                while isinstance(x, dict | list | tuple):
                    x = next(iter(x.values())) if isinstance(x, dict) else x[0]
                rows = np.ascontiguousarray(x)
                for row in rows if batched else [rows]:
                    seen.add(hashlib.blake2b(np.asarray(row).tobytes(), digest_size=16).digest())
                if time.perf_counter() > until:
                    break
            else:
                done = True
            if not done:
                return set(), set()
            passes.append(seen)
    return passes[0], passes[1]
