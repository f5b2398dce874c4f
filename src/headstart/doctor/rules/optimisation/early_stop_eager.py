"""Early stopping that stops at the first wobble, watches the wrong way round, or watches nothing.

What it is
    `EarlyStopping` has a patience of 0 unless told: one epoch that is no better ends the run. With
    `mode="min"` on an accuracy, or "max" on a loss, every better epoch counts as worse. Without validation
    data there is no `val_loss` to watch.

Why it hurts
    Training ends after a few epochs, far from what it would have reached; or never ends early at all.

Wrong
    EarlyStopping(monitor="val_accuracy", mode="min")

Right
    EarlyStopping(monitor="val_accuracy", patience=5, restore_best_weights=True)

How it was measured
    Mode and monitor are read from the live callback and from the arguments of this fit. For a small patience
    the planned run is made on the user's rows, epoch by epoch: where the callback would have ended it, and
    how much lower the loss on rows kept apart went afterwards.

When it is wrong
    A small patience that ends a run which has come to rest is right, and the rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.optimisation import _settings as settings

NAME = "early-stop-eager"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("epochs-too-few",)
UP = ("acc", "auc", "precision", "recall", "f1", "iou", "r2")
DOWN = ("loss", "error", "mse", "mae", "rmse", "perplexity")


def check(case: Case) -> Iterable[Finding]:
    """Looks at each EarlyStopping of this fit."""
    for one in settings.callbacks(case):
        if type(one).__name__ != "EarlyStopping":
            continue
        found = _wrong_way(case, one) or _nothing_to_watch(case, one) or _too_soon(case, one)
        if found is not None:
            yield found


def _wrong_way(case: Case, callback: Any) -> Finding | None:
    event = case.trace.event_of(callback)
    mode = event.arguments.get("mode") if event is not None else None
    name = str(callback.monitor).lower()
    up, down = any(part in name for part in UP), any(name.endswith(part) for part in DOWN)
    if not ((mode == "min" and up and not down) or (mode == "max" and down and not up)):
        return None
    right = "max" if mode == "min" else "min"
    place = case.place_of(callback)
    edit = None
    if place is not None and case.code(place):
        edit = Edit(
            f'Watch for the other end: mode="{right}"',
            (edits.set_argument(place, "mode", f'"{right}"', 4),),
            True,
        )
    return Finding(
        NAME,
        "warning",
        place,
        f'{callback.monitor} gets better {"upwards" if up else "downwards"}, but mode="{mode}" takes that for'
        " worse",
        {"monitor": str(callback.monitor), "mode": str(mode), "patience": int(callback.patience)},
        EXPLAINS,
        edit,
        cost=0.3,
    )


def _nothing_to_watch(case: Case, callback: Any) -> Finding | None:
    if not str(callback.monitor).startswith("val_"):
        return None
    if case.fit is None or case.fit.kind != "fit":
        return None
    if case.fit_argument("validation_data") is not None or case.fit_argument("validation_split"):
        return None
    return Finding(
        NAME,
        "warning",
        case.place_of(callback),
        f"{callback.monitor} is watched, but this fit has no validation data, so training never ends early",
        {"monitor": str(callback.monitor), "validation_data": False, "validation_split": 0.0},
        EXPLAINS,
        cost=0.1,
    )


def _too_soon(case: Case, callback: Any) -> Finding | None:
    """Makes the planned run, as far as it fits, and sees where the callback would end it."""
    if callback.patience > 1 or case.epochs < 5 or str(callback.monitor) not in ("val_loss", "loss"):
        return None
    lab = case.probes.lab
    if lab.plan is None or not settings.fresh(case):
        return None
    per_epoch = max(1, lab.plan // case.epochs)
    if per_epoch * 4 > lab.room:
        return None
    most = min(case.epochs, lab.room // per_epoch)
    run = lab.run(steps=per_epoch * most, every=per_epoch)
    stopped = _stops(callback, run.course)
    if stopped is None:
        return None
    reached, there = 1 - min(run.course) / run.guess, 1 - min(run.course[: stopped + 1]) / run.guess
    if reached < 0.3 or reached - max(there, 0.0) < 0.25:
        return None
    place = case.place_of(callback)
    edit = None
    if place is not None and case.code(place):
        steps = (
            edits.set_argument(place, "patience", "5", 2),
            edits.set_argument(place, "restore_best_weights", "True", 6),
        )
        edit = Edit("Wait for five epochs and keep the best weights", steps)
    return Finding(
        NAME,
        "warning",
        place,
        f"a patience of {callback.patience} ends training after {stopped + 1} epochs, before it has learned",
        {
            "patience": int(callback.patience),
            "epochs until it stops": stopped + 1,
            "lowest loss until there, on rows kept apart": round(min(run.course[: stopped + 1]), 4),
            f"lowest loss within {most} epochs": round(min(run.course), 4),
            "loss of a constant answer": round(run.guess, 4),
        },
        EXPLAINS,
        edit,
        cost=min(1.0, settings.percent(reached - max(0.0, there))),
    )


def _stops(callback: Any, course: tuple[float, ...]) -> int | None:
    """The epoch, from 0, after which the callback would end the run; None where it would not."""
    start = getattr(callback, "start_from_epoch", 0) or 0
    best, waited = float("inf"), 0
    for epoch, loss in enumerate(course):
        if epoch < start:
            continue
        if loss < best - abs(callback.min_delta):
            best, waited = loss, 0
            continue
        waited += 1
        if waited >= callback.patience:
            return epoch
    return None
