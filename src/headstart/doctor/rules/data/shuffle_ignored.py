"""`fit(shuffle=True)` has no effect on this kind of data, and the source does not shuffle.

What it is
    `fit` shuffles arrays and the batches of a `PyDataset`. For a `tf.data` pipeline or a torch loader it
    warns, or says nothing, and takes the rows as they come.

Why it hurts
    The rows come in the same order in every epoch, which the script did not mean.

Wrong
    model.fit(ds.batch(32), shuffle=True)

Right
    model.fit(ds.shuffle(1000).batch(32))

How it was measured
    The steps of the live pipeline, or the sampler of the loader: nothing in it shuffles.

When it is wrong
    Where the source shuffles already the argument is idle and harmless, and of a Python generator it
    cannot be told: the rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.data.no_shuffle_training import shuffling
from headstart.doctor.views.data import is_series
from headstart.doctor.views.data_steps import steps

NAME = "shuffle-ignored"
GROUP = "data"
FIXES = True

SOURCES = frozenset(("tensor_slice", "range", "tensor"))


def check(case: Case) -> Iterable[Finding]:
    """Looks for anything that shuffles behind the argument."""
    fit, train = case.fit, case.train
    if fit is None or train is None or fit.kind != "fit" or "shuffle" not in fit.given:
        return
    if not case.fit_argument("shuffle") or is_series(case):
        return
    edit = None
    if train.kind == "tf.data":
        found = steps(case.trace, train.source)
        if any(
            "shuffle" in step.name or step.name in ("interleave", "flat_map", "sampling") for step in found
        ):
            return
        made = [step.event.name for step in found if step.event is not None]
        if "list_files" in made or any(name.endswith("_from_directory") for name in made):
            return
        if not found or found[-1].name not in SOURCES or (train.steps or 0) < 2:
            return
        batch = next((s.event for s in found if s.name == "batch" and s.event is not None), None)
        edit = shuffling(case, batch, train.rows or 10_000) if batch is not None else None
        if edit is not None and fit.place is not None:
            change = (*edit.operations, edits.remove_argument(fit.place, "shuffle"))
            edit = Edit(edit.title, change, safe=True)
    elif train.kind == "dataloader":
        if type(getattr(train.source, "sampler", None)).__name__ != "SequentialSampler":
            return
        if (train.steps or 0) < 2:
            return
    else:
        return
    yield Finding(
        NAME,
        "warning",
        fit.place,
        "fit does not shuffle this kind of data, and nothing else does: every epoch has the same order",
        {"kind of data": train.kind, "batches": train.steps},
        (),
        edit,
        cost=0.02,
    )
