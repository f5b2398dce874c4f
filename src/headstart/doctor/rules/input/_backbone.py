"""What the rules on a backbone's pixels share: which entries are theirs, the proof, and the line."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.pictures.faults import fault_of, flat
from headstart.doctor.pictures.scaling import Scaler, scalers
from headstart.doctor.pictures.styles import RANGE
from headstart.doctor.pictures.twice import scaled_in_place_twice
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.entries import Entry
from headstart.doctor.probes.features import Comparison
from headstart.doctor.records import Place

ALIKE = 0.9
"""Above this likeness of the feature spaces the style makes no difference."""
ENOUGH = 60
"""Pictures from which two accuracies are worth showing side by side."""


def entries_of(case: Case, rule: str) -> Iterator[tuple[Entry, Comparison | None]]:
    """The entries that a rule has to speak of, with the comparison of features where one could be made.

    A net with random weights has no style of its own, unless it scales inside; one whose weights could
    not be fetched is judged by what they want. Where the features are alike under both scalings there is
    no harm.
    """
    if not case.backbones and not case.trace.of_kind("application"):
        return
    for entry in case.probes.entries:
        if fault_of(entry) != rule or scaled_in_place_twice(case):
            continue
        if not (entry.trained or entry.backbone.stand_in or entry.wanted == "inside"):
            continue
        compared = None
        if entry.trained and not flat(entry):
            with contextlib.suppress(ProbeError):
                compared = next((c for c in case.probes.features if c.entry == entry), None)
        if compared is None or compared.likeness < ALIKE:
            yield entry, compared


def proof(entry: Entry, compared: Comparison | None) -> tuple[dict[str, Any], float]:
    """The evidence, and what the fault costs as measured."""
    stats = entry.stats
    evidence: dict[str, Any] = {
        "lowest value at its input": round(stats.low, 4),
        "highest": round(stats.high, 4),
        "means by channel": ", ".join(f"{m:.2f}" for m in stats.channel_means),
        "its own range": RANGE[entry.wanted],
    }
    cost = 0.05
    if compared is not None:
        evidence["likeness of the features to those under its own scaling"] = round(compared.likeness, 3)
        evidence["pictures"] = compared.n
        if compared.n >= ENOUGH and compared.given is not None and compared.own is not None:
            evidence["linear classifier on the features as given"] = f"{compared.given:.3f}"
            evidence["under its own scaling"] = f"{compared.own:.3f}"
            cost = max(0.02, compared.gap)
    return evidence, cost


def spot(case: Case, entry: Entry, *kinds: str) -> tuple[Place | None, Scaler | None, list[Scaler]]:
    """The line to blame, its scaler, and all that scales; the backbone's own line where nothing does."""
    found = [s for s in scalers(case, entry.backbone) if not kinds or s.kind in kinds]
    scaler = found[0] if found else None
    return (scaler.place if scaler is not None else entry.backbone.place), scaler, found
