"""The loss is no number: NaN or infinite, at once or within a few steps.

What it is
    A logarithm of zero, a division by zero, an overflow, or NaN in the data. One such number spreads to all
    weights at the next step.

Why it hurts
    From then on every answer is NaN, and the accuracy stands at the share of a class for ever.

Wrong
    x = np.log(x)  # with zeros in x

Right
    x = np.log1p(x)

How it was measured
    One batch through the live model, forwards and backwards; where numbers are large, also the first steps
    of the user's own training, on weights that are put back. The first layer that gives a number that is not
    finite is in the evidence.

When it is wrong
    NaN in rows or targets that a loss masks leaves the loss finite, and the rule is silent. Where a cause
    was found, it is named in its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.planned import own_training
from headstart.doctor.records import Finding
from headstart.doctor.rules.optimisation._chain import leaves
from headstart.doctor.rules.optimisation._settings import quick, trial_steps, usual_rate

NAME = "loss-nan"
GROUP = "optimisation"
WHEN = "always"
SYMPTOM = True


def check(case: Case) -> Iterable[Finding]:
    """Looks at one batch, at the first steps, and, after training, at the history."""
    if case.stage == "end":
        yield from _history(case)
        return
    if case.model is None or case.fit is None or not own_training(case.model):
        return
    place = case.fit.place
    if not quick(case) and _all_finite(case.probes.flow.output):
        return
    try:
        gradients = case.probes.gradients
    except ProbeError:
        # Some backends refuse to take the loss of answers that are no numbers.
        yield from _refused(case)
        return
    lost = not np.isfinite(gradients.loss) or not np.isfinite(gradients.total)
    if lost:
        evidence: dict[str, Any] = {"loss of the first batch": str(gradients.loss), "steps": 0}
        evidence.update(_first(case))
        what = (
            "the loss of the first batch"
            if not np.isfinite(gradients.loss)
            else "the gradient of the first batch"
        )
        maker = evidence.pop("place", None)
        yield Finding(NAME, "error", maker or place, f"{what} is no number", evidence, cost=1.0)
        return
    high = case.optimizer is not None and (case.rate or 0.0) > 2 * usual_rate(case.optimizer)
    # A loss of the user's own may be one step from a logarithm of what has none.
    own_loss = case.loss is not None and not case.loss.builtin
    if gradients.total < 100 and abs(gradients.loss) < 1e4 and not high and not own_loss:
        return
    losses = _tried(case)
    if np.isfinite(losses).all():
        return
    yield Finding(
        NAME,
        "error",
        place,
        f"the loss is no number after {len(losses)} steps",
        {
            "loss at first": round(losses[0], 4),
            "gradient norm at first": round(gradients.total, 4),
            "steps": len(losses),
            "learning rate": case.rate,
        },
        cost=1.0,
    )


def _tried(case: Case) -> tuple[float, ...]:
    """Losses of the user's first steps; of steps on one batch where the loss of guessing is not known."""
    try:
        lab = case.probes.lab
        return tuple(lab.run(steps=trial_steps(lab)).losses)
    except ProbeError:
        return tuple(case.probes.overfit.losses)


def _refused(case: Case) -> Iterable[Finding]:
    if _all_finite(case.probes.flow.output):
        return
    evidence = _first(case)
    place = evidence.pop("place", None) or (case.fit.place if case.fit is not None else None)
    yield Finding(NAME, "error", place, "the answers for the first batch are no numbers", evidence, cost=1.0)


def _all_finite(value: Any) -> bool:
    parts = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
    )
    return all(np.isfinite(part).all() for part in parts if isinstance(part, np.ndarray))


def _first(case: Case) -> dict[str, Any]:
    """Where the first number that is not finite comes from."""
    try:
        flow = case.probes.flow
    except ProbeError:
        return {}
    if isinstance(flow.x, np.ndarray) and flow.x.dtype.kind == "f" and not np.isfinite(flow.x).all():
        return {"first seen in": "the data"}
    for done in leaves(flow):
        if done.left is not None and not done.left.finite:
            return {"first seen in": f"the output of {done.layer.name}", "place": case.place_of(done.layer)}
    if isinstance(flow.y, np.ndarray) and flow.y.dtype.kind == "f" and not np.isfinite(flow.y).all():
        return {"first seen in": "the targets"}
    return {"first seen in": "the loss"}


def _history(case: Case) -> Iterable[Finding]:
    for event in case.trace.of_kind("fit-end"):
        losses = (getattr(event.result, "history", None) or {}).get("loss") or []
        bad = [epoch for epoch, loss in enumerate(losses) if not np.isfinite(loss)]
        if bad:
            fits = [
                e for e in case.trace.of_kind("fit") if e.order < event.order and e.subject is event.subject
            ]
            yield Finding(
                NAME,
                "error",
                fits[-1].place if fits else event.place,
                f"the loss was no number from epoch {bad[0] + 1} on",
                {"first epoch": bad[0] + 1, "epochs": len(losses)},
                cost=1.0,
            )
