"""Twins among a run's pictures, found once: the same pictures with the same features have the same twins."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from headstart.core import hashing, outcomes
from headstart.features.records import Features
from headstart.pictures import TwinPair, find_twins
from headstart.runs.versions import versions


def twins_of(features: Features, cache: Path | None) -> tuple[TwinPair, ...]:
    """The identical and near-identical pairs among pictures, from an earlier run where that saw the same.

    Args:
        features: The pictures' features, n rows, with contents and fingerprints.
        cache: Folder in which the pairs are kept for the next time; None keeps nothing.
    """
    about: dict[str, object] = {
        "contents": hashing.of_bytes("\n".join(features.contents).encode()),
        "fingerprints": hashing.of_bytes(b"".join(features.fingerprints)),
        "features": hashing.of_arrays([features.matrix]),
        # Another version may draw the line elsewhere.
        "headstart": versions()["headstart"],
    }
    known = _pairs(outcomes.recall(cache, "twins", about), len(features))
    if known is not None:
        return known
    found = find_twins(features.contents, features.fingerprints, features.matrix)
    pairs = [[pair.first, pair.second, pair.kind, pair.similarity] for pair in found]
    if np.isfinite([pair.similarity for pair in found]).all():
        outcomes.keep(cache, "twins", about, {"pairs": pairs})
    return found


def _pairs(outcome: dict[str, object] | None, n: int) -> tuple[TwinPair, ...] | None:
    """The pairs as they were kept; None for what no run of ours can have written."""
    pairs = outcome.get("pairs") if outcome is not None else None
    if not isinstance(pairs, list):
        return None
    found = []
    for pair in pairs:
        match pair:
            case [int(first), int(second), ("identical" | "near-identical") as kind, float(likeness)] if (
                0 <= first < second < n
            ):
                found.append(TwinPair(first, second, kind, likeness))
            case _:
                return None
    return tuple(found)
