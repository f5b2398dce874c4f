"""One class rules the training data, and nothing in the training makes up for it.

What it is
    Nine rows in ten or more are of one class, there are no weights, and the only metric is accuracy.

Why it hurts
    Answering the frequent class always is already right nine times in ten. Accuracy looks good while the
    rare class, for which the model is often built, is never found.

Wrong
    model.fit(X, y)  # 5 % of y is 1

Right
    model.fit(X, y, class_weight={0: 1.0, 1: 19.0})

How it was measured
    The shares of the classes. Small classifiers are fitted to the rows with and without balanced weights:
    how many rare rows they find on rows held out.

When it is wrong
    Where the rare class is told easily no weights are needed: the classifiers find it and the rule is
    silent. Where recall, precision or AUC are watched, and where the rows are no table, it only informs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import learners
from headstart.doctor.records import Edit, Finding, Number
from headstart.doctor.repair import edits
from headstart.doctor.views.data import classifies, whole_labels
from headstart.doctor.views.metrics import given_metrics

NAME = "class-imbalance"
GROUP = "data"
FIXES = True

EXPLAINS = ("loss-not-falling",)
RULES = 0.88
"""The share from which a class rules."""
FEWEST = 12
"""Rare rows from which finding them can be measured."""
WATCHED = re.compile(
    r"recall|precision|f1_score|fbeta|roc_auc|\bAUC\b|confusion_matrix|classification_report"
    r"|balanced_accuracy|SMOTE|RandomOverSampler|RandomUnderSampler|matthews|sample_from_datasets",
    re.IGNORECASE,
)

METRICS = re.compile(r"auc|recall|precision|f1|fbeta|true|false|sensitiv|specific|kappa", re.IGNORECASE)


def check(case: Case) -> Iterable[Finding]:
    """Counts the classes, and tries whether the rare one is found without weights."""
    if case.labels is None or not classifies(case) or _made_up_for(case):
        return
    classes = case.probes.classes
    counts = classes.counts
    if len(counts) < 2 or classes.top < RULES or not (classes.whole or len(classes.ids) >= 200):
        return
    top = max(counts, key=lambda one: counts[one])
    rare = len(classes.ids) - counts[top]
    evidence: dict[str, Number] = {
        "rows": len(classes.ids),
        f"share of class {top}": round(classes.top, 3),
        "rows of all other classes": rare,
    }
    severity: Any = "info"
    cost = 0.0
    if not any(WATCHED.search(unit.text) for unit in case.units):
        measured = _measured(case, top)
        if measured is not None:
            plain, weighted = measured
            if plain > 0.35:
                return
            evidence["rare rows that a small classifier finds without weights"] = round(plain, 3)
            evidence["with weights"] = round(weighted, 3)
            severity, cost = "warning", (weighted - plain) / 2
    yield Finding(
        NAME,
        severity,
        case.fit.place if case.fit is not None else None,
        f"{classes.top:.0%} of the training rows are class {top} and nothing weighs against it, so answering"
        f" {top} always scores {classes.top:.0%}",
        evidence,
        EXPLAINS if severity == "warning" else (),
        _edit(case, counts),
        cost=cost,
    )


def _made_up_for(case: Case) -> bool:
    """Whether weights, a loss, a metric or a first bias show that the imbalance is known."""
    if case.fit_argument("class_weight") is not None or case.fit_argument("sample_weight") is not None:
        return True
    if case.train is not None and case.train.weight is not None:
        return True
    if case.loss is not None and "focal" in case.loss.name:
        return True
    for metric in given_metrics(case):
        kind = metric if isinstance(metric, str) else type(metric).__name__ + str(getattr(metric, "name", ""))
        if re.search(
            r"auc|recall|precision|f1|fbeta|true|false|sensitiv|specific|kappa", kind, re.IGNORECASE
        ):
            return True
    return any(type(getattr(layer, "bias_initializer", None)).__name__ == "Constant" for layer in case.layers)


def _measured(case: Case, top: int) -> tuple[float, float] | None:
    """Recall of the rare rows by a small classifier, plain and balanced; None where that says nothing."""
    ids = whole_labels(case)
    if ids is None or case.train is None or case.train.whole is None:
        return None
    x = case.train.whole[0]
    if len(getattr(x, "shape", ())) != 2 or any(type(one).__name__ == "Embedding" for one in case.layers):
        return None
    rare = np.flatnonzero(ids != top)
    if len(rare) < FEWEST:
        return None
    rng = np.random.default_rng(0)
    index = rng.permutation(len(ids))[: learners.ROWS * 2]
    if (ids[index] != top).sum() < FEWEST:
        index = np.union1d(index, rare[:200])
    rows = learners.features(x, index)
    if rows is None:
        return None
    some = ids[index]
    is_rare = some != top
    plain, _ = learners.rare_found(rows, some, is_rare, balanced=False)
    if plain > 0.35:
        return plain, plain
    weighted, mean = learners.rare_found(rows, some, is_rare, balanced=True)
    if mean < 0.62 or weighted < plain + 0.25:
        return None
    return plain, weighted


def _edit(case: Case, counts: dict[int, int]) -> Edit | None:
    place = case.fit.place if case.fit is not None else None
    if place is None or case.train is None or case.train.kind not in ("arrays", "tf.data", "pydataset"):
        return None
    total = sum(counts.values())
    if len(counts) > 10 or set(counts) != set(range(len(counts))):
        return None
    weights = {label: round(total / (len(counts) * count), 3) for label, count in sorted(counts.items())}
    change = edits.set_argument(place, "class_weight", repr(weights))
    return Edit("Weigh the classes", (change,), safe=False)
