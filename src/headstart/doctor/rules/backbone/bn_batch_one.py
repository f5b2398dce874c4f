"""Batch normalisation of single rows: every row becomes the same.

What it is
    With one row a batch, a normalisation layer behind a Dense layer takes each number's own value as the
    mean. What is left is zero, whatever went in.

Why it hurts
    In training nothing of the data passes that layer. Nothing is learned, and evaluation, which uses moving
    averages, gives other answers than training did.

Wrong
    model.fit(x, y, batch_size=1)

Right
    model.fit(x, y, batch_size=32)

How it was measured
    Three rows are sent one by one through the live model in training mode: what leaves the layer is the same
    for all, and what enters it is not.

When it is wrong
    Behind a convolution each row has many places to average over, which is instance normalisation and used on
    purpose; a frozen layer uses its averages. There the outputs differ and the rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.capture.samples import take_rows
from headstart.doctor.case import Case
from headstart.doctor.probes.flow import Pass, listening
from headstart.doctor.probes.untouched import untouched
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.normalising import norms

NAME = "bn-batch-one"
GROUP = "backbone"
FIXES = True

EXPLAINS = ("bn-moving-stats-unsettled", "loss-not-falling", "batch-one", "vanishing-gradient")


def check(case: Case) -> Iterable[Finding]:
    """Sends three rows one by one."""
    train = case.train
    if train is None or train.batch_size != 1 or case.fit is None:
        return
    layers = [layer for layer in norms(case.layers) if layer.trainable]
    if not layers:
        return
    flow = case.probes.flow
    if len(flow.index) < 3:
        return
    rows: list[list[Pass]] = []
    with untouched(case.model):
        for i in range(3):
            passes: list[Pass] = []
            with listening(passes):
                case.model(take_rows(flow.x, slice(i, i + 1)), training=True)
            rows.append(passes)
    blind = [layer for layer in layers if _blind([_of(passes, layer) for passes in rows])]
    if not blind:
        return
    edit = None
    place = case.fit.place
    if place is not None and train.kind == "arrays" and case.fit.kind == "fit":
        edit = Edit(
            "Train on batches of 32 rows", (edits.set_argument(place, "batch_size", "32", 2),), safe=True
        )
    yield Finding(
        NAME,
        "error",
        place,
        f"with one row a batch {blind[0].name!r} turns every row into the same numbers, so no data passes it",
        {"rows of a batch": 1, "normalisation layers that let nothing pass": len(blind)},
        EXPLAINS,
        edit,
        cost=0.5,
    )


def _of(passes: list[Pass], layer: object) -> Pass | None:
    return next((p for p in passes if p.layer is layer), None)


def _blind(passes: list[Pass | None]) -> bool:
    if any(p is None or p.input is None or p.output is None for p in passes):
        return False
    inputs = [p.input for p in passes if p is not None and p.input is not None]
    outputs = [p.output for p in passes if p is not None and p.output is not None]
    differ = any(not np.allclose(inputs[0], other, atol=1e-4) for other in inputs[1:])
    return differ and all(np.allclose(outputs[0], other, atol=1e-6) for other in outputs[1:])
