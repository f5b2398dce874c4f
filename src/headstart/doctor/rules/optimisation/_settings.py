"""What the rules of this group ask about the settings of a run."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes.lab import Lab
from headstart.doctor.records import Operation, Place
from headstart.doctor.repair import edits

USUAL = {"SGD": 0.01, "Adagrad": 0.05, "Adadelta": 1.0, "Ftrl": 0.05, "Lion": 1e-4, "Adafactor": 1e-3}
"""Rates at which an optimizer is mostly used; 0.001 for those that are not here."""
BOUNDED = ("Adam", "AdamW", "RMSprop", "Nadam", "Adamax", "Lion")
"""Optimizers whose every step is about as long as the rate, whatever the gradient."""


def inner(optimizer: Any) -> Any:
    """The optimizer inside one that scales the loss."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def usual_rate(optimizer: Any) -> float:
    """The rate at which this kind of optimizer mostly works; with momentum, its own share of that."""
    optimizer = inner(optimizer)
    usual = USUAL.get(type(optimizer).__name__, 1e-3)
    momentum = getattr(optimizer, "momentum", 0) or 0
    if type(optimizer).__name__ == "SGD" and isinstance(momentum, int | float):
        usual *= max(0.1, 1 - float(momentum))
    return usual


def default_rate(optimizer: Any) -> float | None:
    """The rate that the class takes when none is given."""
    try:
        value = inspect.signature(type(inner(optimizer)).__init__).parameters["learning_rate"].default
    except (KeyError, TypeError, ValueError):
        return None
    return float(value) if isinstance(value, int | float) else None


def schedule_of(case: Case) -> Any:
    """The schedule that the optimizer follows, or None where its rate is constant."""
    kept = getattr(inner(case.optimizer), "_learning_rate", None)
    return kept if callable(kept) else None


SLOW = 0.01
"""Seconds a row in the flow from which a gradient is taken by rules of causes only."""


def quick(case: Case) -> bool:
    """Whether the model is small enough to take its gradient on mere suspicion."""
    return bool(case.probes.flow.seconds_per_row < SLOW)


def trial_steps(lab: Lab) -> int:
    """Steps that show where a rate leads: those planned, but no handful, which would show nothing."""
    return max(min(lab.plan or lab.room, lab.room), min(60, lab.room))


def callbacks(case: Case) -> list[Any]:
    """The callbacks of this fit."""
    given = case.fit_argument("callbacks")
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def rate_moves(case: Case) -> bool:
    """Whether something changes the rate while training: a schedule, or a callback that may."""
    if schedule_of(case) is not None:
        return True
    for one in callbacks(case):
        if type(one).__name__ in ("LearningRateScheduler", "ReduceLROnPlateau", "BackupAndRestore"):
            return True
        if type(one).__module__.startswith("keras") and type(one).__name__ != "LambdaCallback":
            continue
        module = sys.modules.get(type(one).__module__)
        try:
            text = inspect.getsource(type(one)) if module is not None else ""
        except (OSError, TypeError):
            return True
        if "learning_rate" in text or ".lr" in text or type(one).__name__ == "LambdaCallback":
            return True
    return False


def fresh(case: Case) -> bool:
    """Whether the model is about to learn from nothing: no earlier training, no weights loaded."""
    model = case.model
    if case.loaded_from is not None or case.stage != "fit" or case.fit is None:
        return False
    own = {id(v) for v in model.trainable_variables}
    for event in case.trace.events:
        if event.order >= case.fit.order:
            break
        if event.kind not in ("fit", "train-on-batch", "load-weights") or event.subject is None:
            continue
        if any(id(v) in own for v in getattr(event.subject, "trainable_variables", [])):
            return False
    return not any(b.weights is not None and not b.frozen for b in case.backbones)


def rate_place(case: Case) -> Place | None:
    """The line that says the rate: where the optimizer was made, or `compile`."""
    made = case.place_of(case.optimizer) or case.place_of(inner(case.optimizer))
    if made is not None:
        return made
    return case.compile.place if case.compile is not None else None


def rate_text(rate: float) -> str:
    """A rate as it is written: 0.001, 1e-05."""
    return f"{rate:.1g}" if f"{rate:.1g}" != "1e+00" else "1.0"


def set_rate(case: Case, rate: float) -> tuple[Operation, ...] | None:
    """The steps that give the user's optimizer another rate; None where they are not known."""
    optimizer = inner(case.optimizer)
    event = case.trace.event_of(optimizer)
    if event is not None and event.kind == "optimizer" and event.place is not None:
        if "lr" in event.given or case.code(event.place) == "":
            return None
        return (edits.set_argument(event.place, "learning_rate", rate_text(rate), 0),)
    return set_optimizer(case, f"{type(optimizer).__name__}(learning_rate={rate_text(rate)})")


def set_optimizer(case: Case, text: str) -> tuple[Operation, ...] | None:
    """The steps that compile with another optimizer, `text` being the call without its module."""
    event = case.trace.event_of(inner(case.optimizer))
    if event is not None and event.kind == "optimizer" and event.place is not None and case.code(event.place):
        name = edits.keras_name(case, event.place)
        return (*name.operations, edits.replace(event.place, f"{name.code}.optimizers.{text}"))
    compiled = case.compile
    if compiled is None or compiled.place is None or "optimizer" not in compiled.given:
        return None
    if not isinstance(compiled.arguments.get("optimizer"), str):
        return None
    name = edits.keras_name(case, compiled.place)
    return (
        *name.operations,
        edits.set_argument(compiled.place, "optimizer", f"{name.code}.optimizers.{text}", 0),
    )


def spread_of_targets(case: Case) -> float | None:
    """The largest of mean and spread of a regression's targets; None for classes."""
    y = case.train.y if case.train is not None else None
    if not isinstance(y, np.ndarray) or y.dtype.kind not in "fiu" or case.loss is None:
        return None
    if case.loss.crossentropy:
        return None
    numbers = y.astype("float64")
    return float(max(abs(numbers.mean()), numbers.std())) if numbers.size else None


def unscaled_input(case: Case) -> bool:
    """Whether the numbers that come in are far from a spread of one, so that they may be to blame."""
    x = case.train.x if case.train is not None else None
    if not isinstance(x, np.ndarray) or x.dtype.kind not in "fiu" or x.size == 0:
        return False
    axes = tuple(range(x.ndim - 1)) if x.ndim > 1 else (0,)
    numbers = x.astype("float64")
    size = np.sqrt((numbers**2).mean(axis=axes))
    return bool(np.max(size) > 8 or np.max(size) < 0.03)


def percent(share: float) -> float:
    """A share, rounded for evidence; what is not finite becomes -1."""
    return round(float(share), 3) if np.isfinite(share) else -1.0
