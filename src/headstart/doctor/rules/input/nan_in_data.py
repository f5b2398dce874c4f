"""The data holds NaN or infinity, and the loss becomes NaN with it.

What it is
    Somewhere in x, y or the sample weights a value is missing or infinite: an empty cell of a table, the
    logarithm of zero, a division by zero.

Why it hurts
    One such value makes the loss of its batch NaN, and the update of that batch makes every weight NaN.
    From then on nothing is learned, and all predictions are NaN.

Wrong
    x = table.to_numpy()

Right
    x = table.fillna(table.mean()).to_numpy()

How it was measured
    All values of arrays, or of the sampled batches, are looked at. The rows that are not finite are sent
    through the live model and its loss: what comes out is not finite.

When it is wrong
    A model or a loss that masks missing values gives finite numbers for those rows, and the rule is silent.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import rows_of, take_rows, to_numpy
from headstart.doctor.case import Case
from headstart.doctor.lines.inputs import data_place
from headstart.doctor.probes.steps import loss_and_gradients
from headstart.doctor.probes.untouched import untouched
from headstart.doctor.records import Finding

NAME = "nan-in-data"
GROUP = "input"

EXPLAINS = ("loss-nan", "loss-not-falling", "features-unscaled", "rate-too-high", "logits-without-flag")

Array = np.ndarray[Any, Any]

MOST = 30_000_000
"""Elements that are looked at; of more, whole rows at even distances."""


def check(case: Case) -> Iterable[Finding]:
    """Looks for values that are not finite, then for what the model makes of them."""
    train = case.train
    if train is None or not train.batches:
        return
    x, y = train.whole if train.whole is not None else (train.x, train.y)
    weight = case.fit_argument("sample_weight") if train.whole is not None else train.weight
    for name, value in (("x", x), ("y", y), ("sample_weight", weight)):
        bad = _bad_rows(value)
        if bad is None or not len(bad[0]):
            continue
        rows, count, kind = bad
        if not _spoils(case, (x, y, weight), rows[:8], rows):
            continue
        yield Finding(
            NAME,
            "error",
            data_place(case, "x" if name == "sample_weight" else name),
            f"{name} holds {kind}, and the loss of those rows is not a finite number",
            {"values that are not finite": count, "rows": len(rows), "first row": int(rows[0])},
            EXPLAINS,
            cost=0.9,
        )
        return


def _bad_rows(value: Any) -> tuple[Array, int, str] | None:
    """Rows with values that are not finite, how many values, and which kind."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple) and value and not np.isscalar(value[0]):
        parts = [found for part in value if (found := _bad_rows(part)) is not None and len(found[0])]
        return parts[0] if parts else None
    array = _floats(value)
    if array is None:
        return None
    step = max(1, -(-array.size // MOST))
    seen = array[::step]
    # The sum is not finite if one of the values is not: one quick pass for the usual case.
    with np.errstate(all="ignore"):
        if np.isfinite(seen.sum(dtype=np.float64)):
            return np.arange(0), 0, ""
    wrong = ~np.isfinite(seen)
    rows = np.flatnonzero(wrong.reshape(len(seen), -1).any(axis=1)) * step
    kind = "NaN" if np.isnan(seen).any() else "infinite values"
    return rows, int(wrong.sum()), kind


def _floats(value: Any) -> Array | None:
    if value is None or isinstance(value, str):
        return None
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    try:
        array = to_numpy(value)
    except Exception:
        return None
    if not isinstance(array, np.ndarray) or array.ndim == 0 or array.size == 0:
        return None
    if array.dtype == object:
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            return None
    return array if array.dtype.kind == "f" else None


def _spoils(case: Case, data: tuple[Any, Any, Any], rows: Array, bad: Array) -> bool:
    """Whether model and loss fail on those rows, and give finite numbers for others."""
    n = rows_of(data[0])
    if n <= int(rows.max()):
        return False
    good = np.setdiff1d(np.arange(min(n, 2000)), bad)[:8]
    case.build()
    with untouched(case.model):
        try:
            return not _works(case, data, rows)
        except Exception:
            # PyTorch refuses probabilities that are no numbers; other errors come for all rows.
            try:
                return len(good) > 0 and _works(case, data, good)
            except Exception:
                return False


def _works(case: Case, data: tuple[Any, Any, Any], rows: Array) -> bool:
    x, y, weight = (take_rows(part, rows) for part in data)
    if y is not None and getattr(case.model, "compiled", False) and _keras_step(case.model):
        loss, _ = loss_and_gradients(case.model, x, y, weight)
        return bool(np.isfinite(loss))
    return _finite(case.model(x, training=False))


def _keras_step(model: Any) -> bool:
    """Whether the loss is taken by Keras's own step."""
    return str(getattr(type(model).train_step, "__module__", "keras")).startswith("keras")


def _finite(output: Any) -> bool:
    if isinstance(output, dict):
        return all(_finite(part) for part in output.values())
    if isinstance(output, list | tuple):
        return all(_finite(part) for part in output)
    return bool(np.isfinite(np.asarray(to_numpy(output), dtype=np.float64)).all())
