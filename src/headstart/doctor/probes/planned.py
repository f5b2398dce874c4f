"""What the user's `fit` would do: whether it trains as Keras does, and how many updates it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.doctor.case import Case


def own_training(model: Any) -> bool:
    """Whether `fit` trains the model the way that Keras does: no `train_step` or `fit` of the user's own."""
    return all(
        str(getattr(getattr(type(model), name, None), "__module__", "keras")).startswith(
            ("keras", "headstart")
        )
        for name in ("train_step", "make_train_function")
    )


def planned_updates(case: Case) -> int | None:
    """How many updates the user's `fit` makes, early stopping aside."""
    train = case.train
    if train is None or case.fit is None or case.fit.kind != "fit":
        return None
    steps = train.steps
    given = case.fit_argument("steps_per_epoch")
    if isinstance(given, int):
        steps = given
    elif train.kind == "arrays" and train.rows and train.batch_size:
        kept = train.rows - int(train.rows * float(case.fit_argument("validation_split") or 0))
        steps = -(-kept // train.batch_size)
    if not steps:
        return None
    first = case.fit_argument("initial_epoch") or 0
    return int(steps) * max(1, case.epochs - int(first))
