"""Flattened feature maps feed a head with thousands of weights for every picture.

What it is
    Flatten turns a map of 7 x 7 x 512 into 25,088 numbers. A Dense layer on them has more weights than the
    backbone that made the map, all of them to be learned from a few pictures.

Why it hurts
    The head can learn every picture by heart. Pooling keeps what the picture shows and drops where, which is
    usually all that a class needs.

Wrong
    x = layers.Flatten()(base.output)
    x = layers.Dense(256, activation="relu")(x)

Right
    x = layers.GlobalAveragePooling2D()(base.output)

How it was measured
    The weights of the live head behind the flattened map, for each row of training data. It is only
    mentioned: whether it costs accuracy shows in the validation, and often it does not.

When it is wrong
    With many pictures, or where places matter, a large head is in order.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.freezing import own_weights, size

NAME = "head-too-large"
GROUP = "backbone"
FIXES = True

LARGE, EACH = 1_000_000, 2_000
"""Weights of the layer, and weights for each row, from which it is mentioned."""


def check(case: Case) -> Iterable[Finding]:
    """Looks at the Dense layer behind a Flatten of a frozen backbone's map."""
    rows = case.train.rows if case.train is not None else None
    if not rows or not any(b.frozen for b in case.backbones):
        return
    passes = [p for p in case.probes.flow.passes if p.entered is not None]
    for flat in passes:
        if type(flat.layer).__name__ != "Flatten" or flat.entered is None or len(flat.entered.shape) != 4:
            continue
        wide = flat.left.shape[-1] if flat.left is not None else 0
        dense = next(
            (
                p.layer
                for p in passes
                if type(p.layer).__name__ == "Dense" and p.entered is not None and p.entered.shape[-1] == wide
            ),
            None,
        )
        if dense is None or flat.entered.shape[1] * flat.entered.shape[2] < 4:
            continue
        weights = size(own_weights(dense))
        if weights < LARGE or weights < EACH * rows or not dense.trainable:
            continue
        place = case.place_of(flat.layer)
        pooled = edits.spell(case, place, "GlobalAveragePooling2D") if place is not None else None
        edit = None
        if pooled is not None and place is not None:
            edit = Edit("Pool the map instead of flattening it", pooled.replacing(place), safe=False)
        yield Finding(
            NAME,
            "info",
            place,
            f"behind the flattened map the head has {weights:,} weights for {rows:,} rows",
            {"weights of the layer": weights, "rows": rows, "weights for each row": round(weights / rows)},
            edit=edit,
        )
