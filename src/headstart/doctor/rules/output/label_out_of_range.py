"""Labels that the loss has no class for: below 0, or not below the number of units.

What it is
    With n units the class ids must be 0 to n-1. Ids that start at 1, leave gaps or use -1 fall outside.
    A single unit with binary cross-entropy knows 0 and 1 only, not -1 and 1, or 1 and 2, or 0 and 255.

Why it hurts
    On a CPU TensorFlow stops; on a GPU the loss silently turns NaN or leaves the row out. With binary
    cross-entropy the loss falls below zero for ever, pushing the answers to one side.

Wrong
    y = np.array([1, 2, 3])  # ids from 1
    model.add(Dense(3, activation="softmax"))

Right
    y = np.array([1, 2, 3]) - 1

How it was measured
    The lowest and highest label, of all labels where they are an array and of the sampled batches
    otherwise, are set against the width of the live output.

When it is wrong
    A class that is missing is no fault, so only labels that are there count. `ignore_class` of the loss
    is honoured, and so are rows with a sample weight of 0. Soft labels between 0 and 1 are fine.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines.targets import made_at
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.repair.loss_edits import sole_place
from headstart.doctor.views.targets import BINARY, SPARSE, Target, maker_of, one_target

NAME = "label-out-of-range"
GROUP = "output"
FIXES = True

EXPLAINS = (
    "loss-nan",
    "loss-not-falling",
    "accuracy-wrong-form",
    "bounded-output-wide-target",
    "relu-output-signed-target",
    "rate-too-high",
)


def check(case: Case) -> Iterable[Finding]:
    """Compares the labels that are there with what the output can name."""
    target = one_target(case, *SPARSE, *BINARY)
    if target is None or not target.whole_numbers:
        return
    if target.loss.name in SPARSE:
        yield from _ids(case, target)
    else:
        yield from _binary(case, target)


def _ids(case: Case, target: Target) -> Iterable[Finding]:
    if target.units < 2 or target.form != "column":
        return
    kinds = target.kinds.astype(np.int64)
    ignored = getattr(target.loss.given, "ignore_class", None)
    if ignored is not None:
        kinds = kinds[kinds != ignored]
    bad = kinds[(kinds < 0) | (kinds >= target.units)]
    if not len(bad) or _excused(case, bad):
        return
    found = maker_of(case, target)
    low, high = int(kinds.min()), int(kinds.max())
    share = float(np.isin(target.y, bad).mean())
    shifted = low == 1 and high == target.units
    hint = "; they seem to start at 1" if shifted else ""
    yield Finding(
        NAME,
        "error",
        case.place_of(found[0]) if found is not None else made_at(case),
        f"labels reach from {low} to {high}, but {target.units} units know only "
        f"the ids 0 to {target.units - 1}{hint}",
        {
            "units": target.units,
            "lowest label": low,
            "highest label": high,
            "share of labels outside": round(share, 4),
        },
        EXPLAINS,
        _edit(case, target, kinds, safe=shifted),
        cost=max(share, 0.5),
    )


def _excused(case: Case, bad: np.ndarray[Any, Any]) -> bool:
    """Whether the labels outside carry no weight, or lie under a mask."""
    train = case.train
    weight = train.weight if train is not None else None
    if train is not None and isinstance(weight, np.ndarray) and isinstance(train.y, np.ndarray):
        outside = np.isin(train.y, bad)
        outside = outside.reshape(weight.shape) if outside.size == weight.size else outside
        if outside.shape[: weight.ndim] == weight.shape:
            axes = tuple(range(weight.ndim, outside.ndim))
            if not (outside.any(axis=axes) & (weight > 0)).any():
                return True
    # TensorFlow looks at masked labels too, and stops.
    masks = any(
        getattr(layer, "mask_zero", False) or type(layer).__name__ == "Masking" for layer in case.layers
    )
    return masks and case.backend != "tensorflow"


def _binary(case: Case, target: Target) -> Iterable[Finding]:
    if target.width != target.units:
        return
    kinds = target.kinds.astype(np.float64)
    low, high = int(kinds.min()), int(kinds.max())
    grey = target.y.ndim >= 4 and low >= 0 and not _rebuilds(case)
    if (low >= 0 and high <= 1) or not (len(kinds) == 2 or grey):
        return
    share = float(((target.y < 0) | (target.y > 1)).mean())
    word = f"{low} and {high}" if len(kinds) == 2 else f"{low} to {high}"
    yield Finding(
        NAME,
        "error",
        made_at(case) or (case.compile.place if case.compile is not None else None),
        f"the labels are {word}, but {target.loss.name} knows only 0 and 1, so its loss falls below zero",
        {"lowest label": low, "highest label": high, "share of labels outside": round(share, 4)},
        EXPLAINS,
        cost=max(share, 0.5),
    )


def _rebuilds(case: Case) -> bool:
    """Whether the targets are the inputs, or pictures of their shape: an autoencoder's."""
    x = case.train.x if case.train is not None else None
    y = case.train.y if case.train is not None else None
    return isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and x.shape == y.shape


def _edit(case: Case, target: Target, kinds: np.ndarray[Any, Any], *, safe: bool) -> Edit | None:
    """More units; where every class has an id of its own beyond the units, another rule says so."""
    found = maker_of(case, target)
    place = sole_place(case, found[0]) if found is not None else None
    if found is None or place is None or kinds.min() < 0 or len(kinds) > target.units:
        return None
    units = int(kinds.max()) + 1
    step = edits.set_argument(place, found[1], str(units), 0)
    return Edit(f"Make room for the ids 0 to {units - 1}", (step,), safe=safe)
