"""The pictures of the validation are changed at random too.

What it is
    The random shifts and flips that are meant for training also act on the pictures that the model is
    judged by: the same generator or the same `map` is used for both.

Why it hurts
    Validation is measured on pictures that no user will send, it is lower than it should be, and it
    changes from epoch to epoch and from run to run, so the best epoch is picked by chance.

Wrong
    validation = datagen.flow_from_directory(..., subset="validation")  # datagen augments

Right
    validation = ImageDataGenerator(rescale=1 / 255, ...).flow_from_directory(...)

How it was measured
    The first batch of the validation is drawn twice, as two epochs would get it: the same pictures come out
    different. For `tf.data` the pipeline holds random operations.

When it is wrong
    Random layers inside the model are off in validation. A shuffle changes the order and not the
    pictures. Noise that is the task itself, where pictures are the targets, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from headstart.doctor.capture.samples import Sample
from headstart.doctor.case import Case, class_ids
from headstart.doctor.probes.repeats import drawn_twice
from headstart.doctor.probes.untouched import untouched
from headstart.doctor.records import Finding, Place

NAME = "augment-validation"
GROUP = "input"

EXPLAINS = ("train-below-val-confusion", "val-other-distribution")

Array = np.ndarray[Any, Any]


def check(case: Case) -> Iterable[Finding]:
    """Draws the first batch of the validation twice."""
    data = case.fit_argument("validation_data")
    if data is None or isinstance(data, tuple | list):
        return
    sample = case.validation
    if sample is None or sample.kind not in ("tf.data", "pydataset") or not sample.batches:
        return
    if not _classes(sample) or not _picture(sample.x):
        return
    with untouched():
        drawn = drawn_twice(sample)
    if drawn is None or not all(isinstance(part.x, np.ndarray) for part in drawn):
        return
    first, second = drawn[0].x, drawn[1].x
    if first.shape != second.shape or _changed(first, second).mean() < 0.3:
        return
    if not (_same_answers(drawn[0].y, drawn[1].y) or _same_shades(first, second)):
        return
    change = np.abs(first.astype(np.float64) - second).mean() / max(float(np.abs(first).mean()), 1e-9)
    yield Finding(
        NAME,
        "warning",
        _place(case, data),
        "the validation pictures are changed at random: the same batch comes out different each time",
        {
            "pictures of the batch that changed": int(_changed(first, second).sum()),
            "pictures": len(first),
            "mean change of a pixel": round(float(change), 3),
        },
        EXPLAINS,
        cost=0.05,
    )


def _classes(sample: Sample) -> bool:
    """Whether the targets are classes, one or several to a row: pictures may be noisy on purpose."""
    y = sample.y
    if not isinstance(y, np.ndarray):
        return False
    many = y.ndim == 2 and bool(np.isin(y, (0, 1)).all())
    return class_ids(y) is not None or many


def _picture(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.ndim == 4 and x.shape[-1] in (1, 3, 4) and min(x.shape[1:3]) >= 8


def _changed(first: Array, second: Array) -> Array:
    gap = np.abs(first.astype(np.float64) - second).reshape(len(first), -1).max(axis=1)
    return np.asarray(gap > 1e-3 * max(float(np.abs(first).max()), 1e-9))


def _same_answers(first: Any, second: Any) -> bool:
    """Whether the targets of both draws are the same, and could have been others."""
    if not isinstance(first, np.ndarray) or not isinstance(second, np.ndarray) or len(first) < 8:
        return False
    several = len(np.unique(first.reshape(len(first), -1), axis=0)) > 1
    return several and first.shape == second.shape and bool(np.array_equal(first, second))


def _same_shades(first: Array, second: Array) -> bool:
    """Whether rows are the same pictures in another form, and not other pictures in the same place."""
    if len(first) < 4:
        return False
    # The shares of dark and bright pixels of a picture outlive flips, turns and shifts.
    distances = cdist(_shades(first), _shades(second))
    return bool((distances.argmin(axis=1) == np.arange(len(first))).mean() >= 0.5)


def _shades(pictures: Array) -> Array:
    flat = pictures.reshape(len(pictures), -1, pictures.shape[-1]).astype(np.float64)
    return np.asarray(
        np.quantile(flat, np.linspace(0, 1, 11), axis=1).transpose(1, 0, 2).reshape(len(flat), -1)
    )


def _place(case: Case, data: Any) -> Place | None:
    """The map that augments, or the line that made the generator's flow."""
    event = case.trace.event_of(data)
    made = event.place if event is not None else None
    for _ in range(64):
        if event is None or event.kind != "dataset":
            break
        if event.name == "map":
            return event.place
        event = case.trace.event_of(event.subject) if event.subject is not None else None
    return made or (case.fit.place if case.fit is not None else None)
