"""`validation_steps` covers only a part of the validation data.

What it is
    Each validation stops after that many batches, although the source has more.

Why it hurts
    The number is measured on fewer rows than there are, and may hide whole classes of a sorted source.

Wrong
    model.fit(train, validation_data=val, validation_steps=5)  # val has 40 batches

Right
    model.fit(train, validation_data=val)

How it was measured
    The batches of the live validation source against the argument.

When it is wrong
    On very large validation data it saves time, so this is information only.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.lines import values as data_lines
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits

NAME = "validation-steps-few"
GROUP = "data"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """Compares the steps with the batches that there are."""
    asked = case.fit_argument("validation_steps")
    if not isinstance(asked, int) or case.fit is None or case.validation is None:
        return
    there = _batches(case)
    if there is None or asked >= 0.9 * there:
        return
    place = case.fit.place
    call = data_lines.call_at(case, place)
    edit = None
    if place is not None and call is not None and any(k.arg == "validation_steps" for k in call.keywords):
        change = edits.remove_argument(place, "validation_steps")
        edit = Edit("Validate on all of the data", (change,), safe=True)
    yield Finding(
        NAME,
        "info",
        place,
        f"validation looks at {asked} of {there} batches",
        {"validation_steps": asked, "batches of the validation data": there},
        (),
        edit,
    )


def _batches(case: Case) -> int | None:
    validation = case.validation
    assert validation is not None
    if validation.kind == "arrays":
        size = case.fit_argument("validation_batch_size") or case.fit_argument("batch_size") or 32
        return -(-(validation.rows or 0) // size)
    if validation.kind == "tf.data":
        import tensorflow as tf

        cardinality = int(tf.data.experimental.cardinality(validation.source))
        return cardinality if cardinality >= 0 else None
    try:
        return len(validation.source)
    except (TypeError, NotImplementedError):
        return None
