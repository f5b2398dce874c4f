"""The fit's own number of steps on a few batches, then the same rows in training and in inference mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.case import class_ids
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.stepping import stepper
from headstart.doctor.probes.steps import optimizer_like
from headstart.doctor.views.normalising import norms

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

MOST = 40
"""Steps that are taken at the most; a longer fit settles its averages."""
SECONDS = 6.0
"""About how long they may take, judged from a plain pass; compiled steps are quicker."""


@dataclass(frozen=True)
class Settling:
    """What a short fit leaves behind.

    Attributes:
        steps: Steps of the fit, all of which were taken here.
        kept: Share of the first value that is left in the moving averages after them.
        rows: Rows that were then asked about.
        training, inference: Accuracy on them in the two modes.
        guess: Share of the commonest class among them.
    """

    steps: int
    kept: float
    rows: int
    training: float
    inference: float
    guess: float


def measure(case: Case) -> Settling:
    """Takes the steps on the live model; the probe's frame puts everything back."""
    train, steps = case.train, planned(case)
    if train is None or steps is None or not 1 <= steps <= MOST:
        raise ProbeError("the fit is longer than a probe may be")
    layers = [layer for layer in norms(case.layers) if layer.trainable]
    if not layers or case.optimizer is None:
        raise ProbeError("there is nothing to settle")
    batches = [b for b in train.batches if b.rows > 1 and b.y is not None] or list(train.batches)
    rows = min(sum(b.rows for b in batches), (train.batch_size or 32) * steps)
    if case.probes.flow.seconds_per_row * (train.batch_size or 32) * steps * 3 > SECONDS:
        raise ProbeError("the model is too slow to train")
    # The rate as it begins, through whatever schedule: the steps are few.
    one = stepper(case.model, optimizer_like(getattr(case.optimizer, "inner_optimizer", case.optimizer)))
    one.begin(None)
    for step in range(steps):
        batch = batches[step % len(batches)]
        one.step((batch.x, batch.y, batch.weight))
    one.end()
    return compare(case, steps, kept(layers, steps), take_rows(train.x, slice(0, rows)), train.y[:rows])


def planned(case: Case) -> int | None:
    """Steps of the whole fit."""
    train = case.train
    per_epoch = case.fit_argument("steps_per_epoch") or (train.steps if train is not None else None)
    return None if per_epoch is None else int(per_epoch) * case.epochs


def kept(layers: list[Any], steps: int) -> float:
    """How much of its first value the slowest moving average still has after some steps."""
    return float(max(float(layer.momentum) for layer in layers) ** steps)


def compare(case: Case, steps: int, left: float, x: Any, y: Any) -> Settling:
    """Asks about the same rows in both modes, in batches as the fit has them."""
    ids = class_ids(y)
    if ids is None or len(np.unique(ids)) < 2:
        raise ProbeError("the labels are no classes")
    size = max(2, (case.train.batch_size if case.train is not None else None) or 32)
    answers: dict[bool, list[Array]] = {True: [], False: []}
    for mode in (False, True):  # the other order would let the training passes settle the averages
        for start in range(0, len(ids), size):
            part = take_rows(x, slice(start, start + size))
            answers[mode].append(_classes(to_numpy(case.model(part, training=mode))))
    right = {mode: float((np.concatenate(answers[mode]) == ids).mean()) for mode in answers}
    guess = float(np.unique(ids, return_counts=True)[1].max() / len(ids))
    return Settling(steps, left, len(ids), right[True], right[False], guess)


def _classes(output: Any) -> Array:
    if not isinstance(output, np.ndarray) or output.ndim != 2:
        raise ProbeError("the output is no row of classes")
    if output.shape[1] > 1:
        return np.asarray(output.argmax(axis=1))
    return np.asarray((output[:, 0] > 0.5).astype(int))
