"""The second phase frees the base but keeps the rate of the first.

What it is
    A head was trained on a frozen base at a rate such as 0.001; then the base was freed, and compiled with
    a rate of the same size.

Why it hurts
    The rate that a random head needs is ten to a hundred times too large for weights that are trained. The
    validation score drops at the change of phase and may not come back.

Wrong
    base.trainable = True
    model.compile(optimizer="adam", loss="binary_crossentropy")

Right
    base.trainable = True
    model.compile(optimizer=keras.optimizers.Adam(1e-5), loss="binary_crossentropy")

How it was measured
    Weights of the live backbone that were frozen in an earlier fit are trained in this one; the rate of its
    first step, and how far that moves the middle one of the freed kernels.

When it is wrong
    A schedule that warms up begins low, and a callback that sets the rate is not judged. Seen with
    `--through`, or where the phases are in one run of training calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair.compiling import FINE, with_rate
from headstart.doctor.views.freezing import size, steps_itself
from headstart.doctor.views.rates import first_step, from_scratch, kernels

NAME = "finetune-rate-high"
GROUP = "backbone"
FIXES = True

EXPLAINS = ("rate-too-high", "bn-batch-stats-finetune", "finetune-before-head")


def check(case: Case) -> Iterable[Finding]:
    """Compares what was trainable in the fits before with what is now."""
    fit = case.fit
    if fit is None or steps_itself(case.model) or not from_scratch(case, 5e-4, 0.02):
        return
    before = _trained_before(case)
    # Without a new compile the freed weights are not trained at all: that is another rule's.
    compiled = set(case.compile.result or ()) if case.compile is not None else set()
    if not before:
        return
    for backbone in case.backbones:
        if backbone.weights is None and not backbone.stand_in:
            continue
        freed = [v for v in kernels(backbone) if v.trainable and id(v) in compiled - before]
        if not freed:
            continue
        evidence: dict[str, Any] = {
            "weights freed since the last phase": size(freed),
            "rate": case.rate,
        }
        moved = first_step(case, freed)
        if moved is not None:
            evidence["one step moves the middle kernel by"] = f"{moved:.1%}"
        steps = with_rate(case)
        yield Finding(
            NAME,
            "warning",
            case.compile.place if case.compile is not None else fit.place,
            f"{backbone.name} is freed for this phase at a rate of {case.rate:g}, ten to a hundred times too"
            " high for trained weights",
            evidence,
            EXPLAINS,
            Edit(f"Tune at a rate of {float(FINE):g}", steps, safe=True) if steps else None,
            cost=0.1,
        )


def _trained_before(case: Case) -> set[int]:
    """Ids of the weights that earlier fits trained, of models that share layers with this one."""
    mine = {id(v) for v in case.model.variables}
    compiled: dict[int, tuple[int, ...]] = {}
    trained: set[int] = set()
    for event in case.trace.events:
        if case.fit is not None and event.order >= case.fit.order:
            break
        if event.kind == "compile":
            compiled[id(event.subject)] = event.result or ()
        elif event.kind in ("fit", "train-on-batch"):
            trained.update(compiled.get(id(event.subject), ()))
    return trained & mine
