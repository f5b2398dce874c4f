"""`class_weight` does not reach the classes that it is meant for.

What it is
    A list or array where a dict from class id to weight is wanted, keys that are no class ids, weights
    next to sample weights or with a Python generator, or shares of the classes in place of their inverse.

Why it hurts
    Keras raises, or takes weight 1 for every class that it does not find, or strengthens the class that
    is frequent already. Nothing else tells.

Wrong
    model.fit(X, y, class_weight={"cat": 1.0, "dog": 5.0})

Right
    model.fit(X, y, class_weight={0: 1.0, 1: 5.0})

How it was measured
    The live argument against the class ids and the class counts of the training data.

When it is wrong
    A dict may leave classes out, which weigh 1, and may hold classes that this data lack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines import values as data_lines
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.classes import Classes
from headstart.doctor.records import Edit, Finding, Number, Severity
from headstart.doctor.repair import edits

NAME = "class-weight-misused"
GROUP = "data"
FIXES = True

EXPLAINS = ("class-imbalance", "loss-not-falling")


def check(case: Case) -> Iterable[Finding]:
    """Holds the weights against the labels."""
    weights = case.fit_argument("class_weight")
    train = case.train
    if weights is None or train is None or case.fit is None or case.fit.kind != "fit":
        return
    if isinstance(weights, list | tuple | np.ndarray | str) or not isinstance(weights, Mapping):
        kind = type(weights).__name__
        yield _finding(
            case,
            "error",
            f"class_weight is a {kind}, but fit wants a dict from class id to weight",
            {"class_weight": kind},
            _as_dict(case, weights),
        )
        return
    if train.kind in ("generator", "dataloader"):
        what = "a Python generator" if train.kind == "generator" else "a torch DataLoader"
        yield _finding(
            case, "error", f"fit takes no class_weight with {what}: it raises", {"kind of data": train.kind}
        )
        return
    if train.weight is not None:
        yield _finding(
            case,
            "error",
            "class_weight and sample weights are given at the same time: fit raises",
            {"sample weights": True},
        )
        return
    yield from _keys(case, weights)


def _keys(case: Case, weights: Mapping[Any, Any]) -> Iterable[Finding]:
    y = case.train.y if case.train is not None else None
    if isinstance(y, np.ndarray) and y.ndim == 2 and y.shape[1] > 1 and np.isin(y, (0, 1)).all():
        several = float((y.sum(axis=1) != 1).mean())
        if several > 0.1:
            yield _finding(
                case,
                "warning",
                "class_weight reads one class a row, but rows carry several labels or none",
                {"share of rows without exactly one label": round(several, 3)},
            )
            return
    try:
        classes: Classes = case.probes.classes
    except ProbeError:
        return
    counts = classes.counts
    if not weights or len(counts) < 2 or min(counts) < 0 or len(counts) > 1000:
        return
    keys = {int(key) for key in weights if isinstance(key, int | float | np.number) and key == int(key)}
    evidence: dict[str, Number] = {
        "keys": ", ".join(repr(key) for key in list(weights)[:8]),
        "class ids": ", ".join(str(label) for label in list(counts)[:8]),
    }
    if not keys & set(counts) and classes.whole:
        yield _finding(case, "error", "no key of class_weight is a class id, so every weight is 1", evidence)
    elif classes.whole and len(keys) == len(counts) > 1 and keys != set(counts):
        yield _finding(
            case,
            "error",
            "the keys of class_weight are not the class ids: weights are on the wrong ones",
            evidence,
        )
    elif classes.whole and keys >= set(counts):
        yield from _inverse(case, weights, counts)


def _inverse(case: Case, weights: Mapping[Any, Any], counts: dict[int, int]) -> Iterable[Finding]:
    """Whether the weights are the class shares themselves, which is the wrong way round."""
    most, least = max(counts.values()), min(counts.values())
    if most < 1.5 * least:
        return
    ratios = np.array([float(weights[label]) / count for label, count in counts.items()])
    if ratios.min() <= 0 or ratios.max() > 1.1 * ratios.min():
        return
    label = max(counts, key=lambda one: counts[one])
    yield _finding(
        case,
        "warning",
        f"the weights grow with the class counts: class {label}, the most frequent, weighs most",
        {
            "counts": ", ".join(f"{k}: {v}" for k, v in list(counts.items())[:8]),
            "weights": ", ".join(f"{k}: {float(weights[k]):.3g}" for k in list(counts)[:8]),
        },
    )


def _finding(
    case: Case, severity: Severity, message: str, evidence: dict[str, Number], edit: Edit | None = None
) -> Finding:
    place = case.fit.place if case.fit is not None else None
    return Finding(NAME, severity, place, message, evidence, EXPLAINS, edit, cost=0.1)


def _as_dict(case: Case, weights: Any) -> Edit | None:
    """Wraps a list or an array, whose places are the class ids."""
    place = case.fit.place if case.fit is not None else None
    labels = set(case.labels.tolist()) if case.labels is not None else set()
    if isinstance(weights, str) or place is None or not labels <= set(range(len(weights))):
        return None
    if case.train is None or case.train.kind not in ("arrays", "tf.data", "pydataset"):
        return None
    given = data_lines.argument(data_lines.call_at(case, place), "class_weight")
    where = data_lines.place_of(case, place, given) if given is not None else None
    if where is None:
        return None
    return Edit("Make a dict of it", (edits.wrap(where, "dict(enumerate({}))"),), safe=True)
