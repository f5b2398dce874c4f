"""A shuffle buffer far smaller than data that are sorted by class.

What it is
    `shuffle(n)` mixes only the next n rows. Where each class fills more rows than that, most batches
    still hold one class.

Why it hurts
    The same as without a shuffle: the net learns class by class.

Wrong
    tf.data.Dataset.from_tensor_slices((x, y)).shuffle(100).batch(32)  # 5,000 rows a class, sorted

Right
    tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(32)

How it was measured
    The pipeline is run beside the user's own, shuffles included: the share of the most frequent class
    within a batch, against what well mixed batches of the same labels would have.

When it is wrong
    Small buffers are enough where files or shards already come mixed.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.data.no_shuffle_training import evidence, sorted_batches
from headstart.doctor.views.data import is_series
from headstart.doctor.views.data_steps import steps

NAME = "small-shuffle-buffer"
GROUP = "data"
FIXES = True

EXPLAINS = ("loss-not-falling", "shuffle-ignored")


def check(case: Case) -> Iterable[Finding]:
    """Looks at how batches mix the classes after the shuffle."""
    train = case.train
    if train is None or train.kind != "tf.data":
        return
    shuffles = [s for s in steps(case.trace, train.source) if s.name in ("shuffle", "shuffle_and_repeat")]
    if not shuffles:
        return
    found = sorted_batches(case)
    if found is None or is_series(case):
        return
    event = next((s.event for s in shuffles if s.event is not None), None)
    place = event.place if event is not None else case.fit.place if case.fit is not None else None
    facts = evidence(found)
    edit = None
    size = event.arguments.get("buffer_size") if event is not None else None
    if isinstance(size, int):
        facts["buffer"] = size
    if found.whole:
        facts["rows"] = len(found.ids)
        if event is not None and place is not None and len(shuffles) == 1 and len(found.ids) > 1:
            change = edits.set_argument(place, "buffer_size", str(len(found.ids)), 0)
            edit = Edit("Make the buffer as large as the data", (change,), safe=True)
    yield Finding(
        NAME,
        "warning",
        place,
        "the shuffle buffer is too small for rows that are sorted by class: batches still hold one class",
        facts,
        EXPLAINS,
        edit,
        cost=found.purity - found.purity_mixed,
    )
