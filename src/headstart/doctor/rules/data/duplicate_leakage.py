"""Rows or pictures stand in training and in validation alike.

What it is
    Copies made before the split (over-sampling, augmentation on disk, the same picture under two names),
    or validation rows picked out of the rows that are trained on.

Why it hurts
    The copies are remembered, not recognised. Validation comes out far above what new data will show.

Wrong
    X = np.concatenate([X, X_copies])
    X_train, X_val = train_test_split(X)

Right
    X_train, X_val = train_test_split(X)
    X_train = np.concatenate([X_train, copies_of(X_train)])

How it was measured
    Hashes of whole rows, or of files, on both sides.

When it is wrong
    Rows of few discrete values are equal by chance: the rule is silent unless rows hold several columns of
    many values. Copies among the training rows alone are no leak.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Finding, Place
from headstart.doctor.rules.data import split_overlap_seed, val_is_train
from headstart.doctor.views.data import is_series

NAME = "duplicate-leakage"
GROUP = "data"
FIXES = False

EXPLAINS = ("group-leakage", "test-used-for-choice")
SHARE = 0.05
SHARE_OF_TEXT = 0.3
"""Short texts come twice by nature."""
OFTEN = 3.0


def check(case: Case) -> Iterable[Finding]:
    """Counts the validation rows that training knows."""
    train = case.train
    if train is None or case.fit is None or case.fit.kind != "fit":
        return
    if case.fit_argument("validation_data") is None and not case.fit_argument("validation_split"):
        return
    validation = case.validation
    if validation is not None and (
        train.source is validation.source or val_is_train.relation(case, train, validation) is not None
    ):
        return
    twins = case.probes.twins
    text = any(type(layer).__name__ in ("Embedding", "TextVectorization") for layer in case.layers)
    least = SHARE_OF_TEXT if text else SHARE
    if not twins.rich or twins.shared < 5 or twins.validation < 10 or twins.share < least:
        return
    # A wave that comes round, or pictures drawn by a rule: rows that repeat by nature, not by copying.
    if twins.times >= OFTEN or is_series(case):
        return
    if any(True for _ in split_overlap_seed.check(case)):
        return
    yield Finding(
        NAME,
        "warning",
        _place(case),
        f"{twins.share:.0%} of the validation rows stand in the training data too",
        {
            "validation rows looked at": twins.validation,
            "of them also in training": twins.shared,
            "training rows looked at": twins.train,
            "told by": twins.by,
        },
        EXPLAINS,
        cost=min(0.3, twins.share),
    )


def _place(case: Case) -> Place | None:
    """The line of the split, where one made the training rows, else the fit."""
    if case.train is not None and case.train.whole is not None:
        event = case.trace.event_of(case.train.whole[0])
        if event is not None and event.kind == "split":
            return event.place
    return case.fit.place if case.fit is not None else None
