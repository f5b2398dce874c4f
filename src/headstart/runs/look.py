"""What a run looks at: the pictures that can be read, their features, and which of them serve for what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.backbones import Trunk
from headstart.core.clock import Clock
from headstart.core.progress import Voice
from headstart.core.threads import one_blas_thread
from headstart.features.extract import extract
from headstart.features.records import Features
from headstart.features.store import Store
from headstart.pictures import Pictures, Split, split
from headstart.runs.settings import Settings
from headstart.runs.twins import twins_of

NAMED = 100
"""Unreadable files that are named on the terminal; skipped.csv names them all."""


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
    clock: Clock,
    voice: Voice,
) -> Data:
    """Features of what can be read, and its split."""
    with clock.step("features"):
        features = extract(
            pictures.paths,
            trunk,
            store,
            engine=settings.engine,
            precision=precision,
            strict=settings.strict,
            voice=voice,
        )
    if not features.computed:
        voice.say(f"features of all {len(features):,} pictures were in the store: no trunk pass")
    for one in features.skipped[:NAMED]:
        voice.warn(f"skipped {one.path}: {one.reason}")
    if len(features.skipped) > NAMED:
        voice.warn(f"and {len(features.skipped) - NAMED} more, listed in skipped.csv")
    readable = pictures.take(features.kept)
    with clock.step("duplicates and split"), one_blas_thread():
        twins = twins_of(features, store.folder)
        parted = split(
            readable.labels,
            readable.parts,
            readable.groups,
            twins,
            validation=settings.validation,
            seed=settings.seed,
            class_names=readable.class_names,
        )
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
