"""Columns of a table go unscaled into the first layer, far from the size that fresh weights expect.

What it is
    Some columns count in thousands and others in fractions, or all of them lie far from zero. A net
    weighs all inputs alike at the start.

Why it hurts
    The largest column drowns the others, the first units saturate, and no step size is right for all
    weights.

Wrong
    model.fit(table, y)

Right
    normalise = Normalization(); normalise.adapt(table)
    model = Sequential([normalise, ...])

How it was measured
    The spread of each column at the first layer with weights, after all that the model does before. Then
    the user's own training is begun twice on copies, on the columns as they are and standardised: only
    the second learns. Or the first layer's bounded units are at their bounds for most rows as given, and
    would not be.

When it is wrong
    Ranks, codes and small whole numbers train well as they are: where the two runs come out alike, or the
    first one learns the task, the rule is silent. Embeddings, one-hot columns and normalising layers are
    left alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines.inputs import data_place
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.flow import Pass
from headstart.doctor.records import Finding
from headstart.doctor.views.entering import (
    LOOKUPS,
    NORMS,
    at_bounds,
    first_weights,
    mixing,
    normalised,
    raw_pixels,
)

if TYPE_CHECKING:
    from headstart.doctor.probes.runs import Run

NAME = "features-unscaled"
GROUP = "input"

EXPLAINS = (
    "loss-not-falling",
    "loss-nan",
    "dead-relu",
    "vanishing-gradient",
    "exploding-gradient",
    "saturated-sigmoids",
    "rate-too-high",
    "rate-too-low",
    "optimiser-default-weak",
)

Array = np.ndarray[Any, Any]

LARGE = 10.0
"""Columns of a smaller size than this are near enough to what weights expect."""
SMALL = 1e-3
GAIN = 0.2
"""Share of the loss of guessing that standardised columns must gain over the user's own."""
LEARNT = 0.6
"""Where the user's own run explains this share, there is nothing to mend."""
JUMP = 50.0
"""A first loss of so many times that of guessing comes from the size of the inputs."""
STILL = 0.85
"""A loss that falls below this share of itself within a quarter of the run is still falling."""


def check(case: Case) -> Iterable[Finding]:
    """Looks at the columns, then begins the training both ways."""
    if case.train is None or case.train.y is None or case.backbones:
        return
    first = first_weights(case) or mixing(case)
    if first is None or first.input is None or not _table(first) or normalised(case, first):
        return
    columns = first.input.reshape(-1, first.input.shape[-1]).astype(np.float64)
    sizes = np.sqrt((columns**2).mean(axis=0))
    if sizes.max() < LARGE and not 0 < sizes.max() < SMALL:
        return
    proof = _stuck(first, columns) or _runs(case, first, columns)
    if proof is None:
        return
    used = sizes[columns.std(axis=0) > 0]
    evidence: dict[str, Any] = {
        "columns": len(sizes),
        "size of the largest column": float(f"{sizes.max():.3g}"),
        "of the smallest": float(f"{(used if len(used) else sizes).min():.3g}"),
        **proof,
    }
    yield Finding(
        NAME,
        "warning",
        data_place(case),
        "the columns of the input are not scaled, and the net cannot learn from them as they are",
        evidence,
        EXPLAINS,
        cost=0.2,
    )


def _table(first: Pass) -> bool:
    """Whether rows of columns, or series of them, enter a layer with weights."""
    if first.input is None or type(first.layer).__name__ in (*LOOKUPS, *NORMS):
        return False
    if first.input.ndim not in (2, 3) or not np.isfinite(first.input).all() or len(first.input) < 8:
        return False
    # Bytes of pictures have a rule of their own.
    return not raw_pixels(first)


def _stuck(first: Pass, columns: Array) -> dict[str, Any] | None:
    """Whether the first layer is at its bounds, and would not be for scaled columns."""
    spread = columns.std(axis=0)
    return at_bounds(first, (columns - columns.mean(axis=0)) / np.where(spread > 1e-8, spread, 1.0))


def _falling(run: Run) -> bool:
    """Whether a run that is shorter than the user's still gets on when it ends."""
    quarter = len(run.losses) // 4
    if not run.finite or quarter < 5:
        return False
    third, last = run.losses[-2 * quarter : -quarter], run.losses[-quarter:]
    return float(np.mean(last)) < STILL * float(np.mean(third))


@contextlib.contextmanager
def _large_ones_scaled(layer: Any, columns: Array) -> Iterator[None]:
    """Meanwhile the layer brings its large columns to mean 0 and spread 1, and no others."""
    import keras

    large = np.sqrt((columns**2).mean(axis=0)) >= LARGE
    spread = np.where(large & (columns.std(axis=0) > 1e-8), columns.std(axis=0), 1.0).astype(np.float32)
    middle = np.where(large, columns.mean(axis=0), 0.0).astype(np.float32)
    original = layer.call

    def call(x: Any, *args: Any, **kwargs: Any) -> Any:
        return original((keras.ops.cast(x, layer.compute_dtype) - middle) / spread, *args, **kwargs)

    object.__setattr__(layer, "call", call)
    try:
        yield
    finally:
        object.__delattr__(layer, "call")


def _runs(case: Case, first: Pass, columns: Array) -> dict[str, Any] | None:
    try:
        lab = case.probes.lab
        given = lab.run()
        # What is learned by heart is learned from: that it does not carry over is another matter.
        if given.finite and max(given.explained, given.fitted) > LEARNT:
            return None
        if case.train is not None and isinstance(case.train.x, np.ndarray):
            scaled = lab.run(standardised=True)
        else:
            scaled = lab.run(
                change=lambda: _large_ones_scaled(first.layer, columns), key=(NAME, "mixed"), retrace=True
            )
    except ProbeError:
        return None
    # Classes are never so wrong by chance; numbers may be, where a bias has far to go.
    classes = case.loss is not None and case.loss.crossentropy
    jumps = classes and given.start > JUMP * given.guess
    # A run that is still so wrong at its end is cured by answers that are merely no worse than guesses.
    cured = jumps and given.end > JUMP * given.guess and scaled.end < 2 * given.guess
    if not scaled.finite or (scaled.explained < GAIN and not cured):
        return None
    if not lab.whole_plan and not jumps and _falling(given):
        return None
    if given.finite and scaled.explained - given.explained < GAIN:
        return None
    return {
        "loss of guessing": float(f"{given.guess:.4g}"),
        f"loss after {given.steps} steps": float(f"{given.end:.4g}") if given.finite else "not finite",
        "after as many with standardised columns": float(f"{scaled.end:.4g}"),
    }
