"""What a run looks at: the pictures that can be read, their features, and which of them serve for what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from headstart.backbones import Trunk
from headstart.core import stopping
from headstart.core.clock import Clock
from headstart.core.errors import SettingsError
from headstart.core.progress import Voice
from headstart.core.stopping import Stop
from headstart.core.threads import one_blas_thread
from headstart.features.extract import extract
from headstart.features.plan import Plan, to_calibrate, validation_first
from headstart.features.records import Features
from headstart.features.store import Store
from headstart.pictures import Part, Pictures, Split, TwinPair, split
from headstart.runs.settings import Settings
from headstart.runs.so_far import SoFar
from headstart.runs.twins import twins_of

NAMED = 100
"""Unreadable files that are named on the terminal; skipped.csv names them all."""

MEASURED_FIRST = 200
MEASURED_OF_CLASS = 5
"""Held-out pictures that go through the trunk before any other: at least so many, and of each class."""


@dataclass(frozen=True)
class Data:
    """Readable pictures, their features, and which serve for what."""

    pictures: Pictures
    features: Features
    split: Split

    def part(self, name: str) -> NDArray[np.int64]:
        """Indices of one part: "train", "validation" or "test"."""
        indices: NDArray[np.int64] = getattr(self.split, name)
        return indices


def look(
    settings: Settings,
    precision: str,
    pictures: Pictures,
    trunk: Trunk,
    store: Store,
    stop: Stop,
    clock: Clock,
    voice: Voice,
) -> Data:
    """Features of what can be read, and its split; of what was come to, where the pass was stopped.

    Raises:
        KeyboardInterrupt: If Ctrl-C stopped it before there was enough for a head.
        SettingsError: If the time limit did.
    """
    first = _split(settings, pictures, ())
    held = np.concatenate([first.validation, first.test])
    ahead = min(len(held), max(MEASURED_FIRST, MEASURED_OF_CLASS * len(pictures.class_names)))
    plan = Plan(
        validation_first(pictures.labels, held, ahead),
        stop,
        SoFar(pictures.labels, first.train, held, len(pictures.class_names), voice),
        _calibrate(precision, pictures, first),
    )
    with (
        clock.step("features"),
        stopping.once(stop, lambda: voice.warn("ending with what is there; Ctrl-C again quits")),
    ):
        features = extract(
            pictures.paths,
            trunk,
            store,
            engine=settings.engine,
            precision=precision,
            strict=settings.strict,
            voice=voice,
            plan=plan,
        )
    readable = pictures.take(features.kept)
    if features.stopped:
        _hold_enough(features, readable, first)
        voice.warn(
            f"{features.stopped} ended the trunk pass: {len(features):,} of {len(pictures):,} pictures were"
            " seen, and the head is trained on those; the same command again goes on from there"
        )
    elif not features.computed:
        voice.say(f"features of all {len(features):,} pictures were in the store: no trunk pass")
    for one in features.skipped[:NAMED]:
        voice.warn(f"skipped {one.path}: {one.reason}")
    if len(features.skipped) > NAMED:
        voice.warn(f"and {len(features.skipped) - NAMED} more, listed in skipped.csv")
    with clock.step("duplicates and split"), one_blas_thread():
        twins = twins_of(features, store.folder)
        if features.stopped:
            # Who validates was settled before the pass; a twin among those to train on is left out.
            given = replace(readable, parts=tuple(_part_of(first, int(index)) for index in features.kept))
            parted = replace(_split(settings, given, twins), origin=f"{first.origin}, of those seen")
        else:
            parted = _split(settings, readable, twins)
    voice.say(
        f"{len(parted.train):,} to train on, {len(parted.validation):,} to validate,"
        f" {len(parted.test):,} to test: {parted.origin}"
    )
    if twins:
        same = sum(pair.kind == "identical" for pair in twins)
        voice.say(
            f"{same} identical and {len(twins) - same} near-identical pairs, kept on one side"
            + (f" ({parted.moved} pictures moved or left out)" if parted.moved else "")
        )
    return Data(readable, features, parted)


def _split(settings: Settings, pictures: Pictures, twins: Sequence[TwinPair]) -> Split:
    return split(
        pictures.labels,
        pictures.parts,
        pictures.groups,
        twins,
        validation=settings.validation,
        seed=settings.seed,
        class_names=pictures.class_names,
    )


def _calibrate(precision: str, pictures: Pictures, first: Split) -> list[int]:
    """What int8 may be calibrated on: never what the user set aside.

    Where we divide the pictures ourselves, all of them, so that another seed finds the same features; a
    calibration sees no label.
    """
    if precision != "int8":
        return []
    return to_calibrate(pictures.labels, np.arange(len(pictures)) if pictures.parts is None else first.train)


def _part_of(first: Split, index: int) -> Part:
    for part, members in ((Part.VALIDATION, first.validation), (Part.TEST, first.test)):
        at = int(np.searchsorted(members, index))
        if at < len(members) and members[at] == index:
            return part
    return Part.TRAIN


def _hold_enough(features: Features, readable: Pictures, first: Split) -> None:
    """A head needs two pictures of each class, and its measure at least one to validate or test on."""
    trained = readable.labels[np.isin(features.kept, first.train)]
    counts = np.bincount(trained, minlength=len(readable.class_names))
    if (counts >= 2).all() and len(trained) < len(readable):
        return
    if features.stopped == stopping.CTRL_C:
        raise KeyboardInterrupt
    raise SettingsError(
        "--time-limit must leave time for at least two training pictures of each class",
        f"{len(features)} pictures seen when it was over",
        "give more time, or run the same command again: it goes on from there",
    )


def groups_of(data: Data) -> NDArray[np.int64]:
    """A number for each picture, the same for twins and for pictures of one group."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(data.pictures)
    edges = [(pair.first, pair.second) for pair in data.split.twins]
    first_of: dict[str, int] = {}
    for index, group in enumerate(data.pictures.groups or ()):
        if group:
            edges.append((first_of.setdefault(group, index), index))
    rows, columns = zip(*edges, strict=True) if edges else ((), ())
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)
