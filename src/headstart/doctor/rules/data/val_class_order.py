"""Validation numbers its classes otherwise than training.

What it is
    Two loaders whose folders differ give the same class another id; two encoders fitted apart do the same
    to arrays.

Why it hurts
    Right answers are counted as wrong. Validation accuracy is near chance or below however well the model
    learned, and checkpoints are chosen by it.

Wrong
    y_val = LabelEncoder().fit_transform(names_val)  # another order than in training

Right
    y_val = encoder.transform(names_val)  # the encoder fitted on the training names

How it was measured
    The class lists of the two live loaders. For arrays, small classifiers fitted to the training rows answer
    the validation rows: how many labels they meet as they are, and after the best renumbering.

When it is wrong
    A validation folder with fewer classes is fine as long as those that it has keep their ids.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.capture.samples import Sample
from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case, class_ids
from headstart.doctor.lines import values as data_lines
from headstart.doctor.probes import learners
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.views.data import classifies
from headstart.doctor.views.data_steps import steps
from headstart.doctor.views.loaders import DATASETS, FLOWS, Loader, loader_of

NAME = "val-class-order"
GROUP = "data"
FIXES = True

EXPLAINS = ()
FEWEST = 40


def check(case: Case) -> Iterable[Finding]:
    """Compares the class lists, or what the labels mean."""
    train, validation = case.train, case.validation
    if train is None or validation is None or case.fit is None or case.fit.kind != "fit":
        return
    loader = loader_of(case)
    event = _loader_behind(case, validation) if loader is not None else None
    if loader is not None and event is not None:
        yield from _lists(loader, event)
    elif train.whole is not None and validation.whole is not None:
        yield from _meanings(case, train, validation)


def _loader_behind(case: Case, sample: Sample) -> Event | None:
    event = case.trace.event_of(sample.source)
    if event is not None and event.name in FLOWS:
        return event
    found = steps(case.trace, sample.source) if sample.kind == "tf.data" else []
    return next((s.event for s in found if s.event is not None and s.event.name in DATASETS), None)


def _names(made: Any, source: Any = None) -> tuple[str, ...]:
    for one in (source, *(made if isinstance(made, tuple | list) else (made,))):
        names = getattr(one, "class_names", None) or getattr(one, "class_indices", None)
        if names:
            return tuple(str(name) for name in names)
    return ()


def _lists(loader: Loader, event: Event) -> Iterable[Finding]:
    mine, theirs = loader.names, _names(event.result)
    mode = event.arguments.get(loader.argument)
    if not mine or not theirs or mine == theirs or event is loader.event or mode != loader.mode:
        return
    moved = [name for name in theirs if name in mine and theirs.index(name) != mine.index(name)]
    new = [name for name in theirs if name not in mine]
    wide = mode == "categorical" and len(mine) != len(theirs)
    if not moved and not new and not wide:
        return
    if moved:
        name = moved[0]
        message = f"class {name} is {mine.index(name)} in training and {theirs.index(name)} in validation"
    elif new:
        message = f"validation has the class {new[0]}, which training lacks"
    else:
        message = f"validation has {len(theirs)} classes and training {len(mine)}"
    edit = None
    if event.place is not None and set(mine) <= set(theirs):
        argument = "classes" if event.name in FLOWS else "class_names"
        change = edits.set_argument(event.place, argument, repr(list(mine)))
        edit = Edit("Give validation the class list of training", (change,), safe=True)
    yield Finding(
        NAME,
        "error",
        event.place,
        message,
        {"classes of training": ", ".join(mine[:12]), "classes of validation": ", ".join(theirs[:12])},
        EXPLAINS,
        edit,
        cost=0.5,
    )


def _meanings(case: Case, train: Sample, validation: Sample) -> Iterable[Finding]:
    assert train.whole is not None
    assert validation.whole is not None
    if not classifies(case):
        return
    ids, others = class_ids(np.asarray(train.whole[1])), class_ids(np.asarray(validation.whole[1]))
    if ids is None or others is None or not len(others) >= FEWEST or len(ids) < FEWEST:
        return
    kinds = np.unique(np.concatenate([ids, others]))
    if not 2 <= len(np.unique(others)) <= len(kinds) <= 50:
        return
    tokens = any(type(layer).__name__ == "Embedding" for layer in case.layers)
    near = np.random.default_rng(0).permutation(len(ids))[: learners.ROWS]
    far = np.random.default_rng(1).permutation(len(others))[: learners.ROWS]
    rows = learners.features(train.whole[0], near, tokens)
    asked = learners.features(validation.whole[0], far, tokens)
    if rows is None or asked is None or rows.shape[1] != asked.shape[1]:
        return
    ids, others = ids[near], others[far]
    best: tuple[float, float] | None = None
    for answers in learners.transferred(rows, ids, others=asked):
        met = float((answers == others).mean())
        if met >= 0.5:
            return
        after = _renumbered(answers, others, kinds)
        if best is None or after > best[1]:
            best = met, after
        # One classifier that meets the labels as they are is enough to acquit them.
        if met > 0.5 * after:
            return
    if best is None or best[1] < 0.7:
        return
    learned = learners.cross_validated(rows, ids)
    if not learned.learnable or best[1] < learned.accuracy - 0.15 or best[0] > 1 / len(kinds):
        return
    yield Finding(
        NAME,
        "error",
        _place(case),
        "validation numbers its classes otherwise than training",
        {
            "validation labels that a small classifier meets": round(best[0], 3),
            "after renumbering the classes": round(best[1], 3),
            "on held out training rows": round(learned.accuracy, 3),
            "validation rows": len(others),
        },
        EXPLAINS,
        cost=best[1] - best[0],
    )


def _renumbered(answers: Any, ids: Any, kinds: Any) -> float:
    """The share of labels met after the best exchange of numbers."""
    if len(kinds) == 2:
        met = float((answers == ids).mean())
        return max(met, 1 - met)
    from scipy.optimize import linear_sum_assignment

    table = np.array([[int(((answers == a) & (ids == b)).sum()) for b in kinds] for a in kinds])
    one, other = linear_sum_assignment(-table)
    return float(table[one, other].sum() / max(1, len(ids)))


def _place(case: Case) -> Place | None:
    fit = case.fit.place if case.fit is not None else None
    given = data_lines.fit_expression(case, "validation_data")
    if isinstance(given, ast.Tuple) and len(given.elts) >= 2:
        return data_lines.origin(case, data_lines.name_in(given.elts[1]), fit) or fit
    return fit
