"""A pretrained base normalises by the statistics of small batches instead of those it was trained with.

What it is
    Batch normalisation that is trainable uses the mean and spread of each batch while it is trained. With a
    few pictures a batch these are far from the averages that came with the weights. Called with
    `training=True` it does so even when the model only answers.

Why it hurts
    The features change with whoever else is in the batch. Training looks well on them, and evaluation, which
    uses the averages, does not; with `training=True` an answer depends on the other pictures asked about.

Wrong
    base.trainable = True
    x = base(inputs)

Right
    base.trainable = True
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False

How it was measured
    Which normalisation layers of the live base move their averages in a training pass, and in a pass that
    only answers; the rows of a batch; and how far the features of a batch by its own statistics lie from
    those by the averages.

When it is wrong
    A frozen base uses its averages, whatever is said about `training`; larger batches come near them; a net
    trained from scratch has no averages to keep. Where the base is called with `training=False`, which a
    functional model of Keras 3 overrides when it is trained, the rule only mentions that.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.lines.flagged import Flagged, flagged
from headstart.doctor.lines.naming import name_of
from headstart.doctor.probes.normalised import Normalised
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.freezing import line_of_flag, same_scope, steps_itself
from headstart.doctor.views.model import Backbone, every_layer
from headstart.doctor.views.normalising import norms

NAME = "bn-batch-stats-finetune"
GROUP = "backbone"
FIXES = True

EXPLAINS = ("bn-moving-stats-unsettled", "bn-batch-one", "training-flag-hardcoded")

SMALL = 8
"""Rows of a batch up to which its statistics are too rough."""
APART = 0.3
"""From this shift on the features are others."""


def check(case: Case) -> Iterable[Finding]:
    """Asks which statistics each pretrained backbone uses."""
    if steps_itself(case.model):
        return
    nets = [b for b in case.backbones if b.weights is not None or b.stand_in]
    if not any(layer.trainable for b in nets for layer in norms(every_layer(b.model))):
        return
    for found in case.probes.normalised:
        if all(found.backbone != b for b in nets):
            continue
        if found.inference:
            yield _always(case, found)
        elif _hurts(found):
            yield _while_training(case, found)


def _hurts(found: Normalised) -> bool:
    size = found.batch_size
    return size is not None and size <= SMALL and (found.shift is None or found.shift >= APART)


def _always(case: Case, found: Normalised) -> Finding:
    call = _call(case, found.backbone)
    place = call.place if call is not None else found.backbone.place
    edit = None
    if call is not None and call.value:
        step = edits.set_argument(call.place, "training", "False")
        edit = Edit("Call the base in inference mode", (step,), safe=True)
    return Finding(
        NAME,
        "error",
        place,
        f"{found.backbone.name} is called with training=True, so each answer depends on the other pictures in"
        " its batch",
        {"normalisation layers that use the batch when the model answers": len(found.inference)},
        EXPLAINS,
        edit,
        cost=0.2,
    )


def _while_training(case: Case, found: Normalised) -> Finding:
    evidence: dict[str, Any] = {
        "normalisation layers that use the batch": len(found.training),
        "rows of a batch": found.batch_size,
    }
    if found.shift is not None:
        evidence["shift of the features, in lengths of their spread"] = round(found.shift, 2)
    call = _call(case, found.backbone)
    flag = line_of_flag(case, found.training[0])
    meant = call is not None and not call.value
    said = call.place if call is not None else None
    place = (flag or said if meant else said or flag) or found.backbone.place
    if meant:
        evidence["the base is called with training=False"] = "overridden by the functional model round it"
    return Finding(
        NAME,
        "info" if meant else "warning",
        place,
        f"{found.backbone.name} is trained with its normalisation on batches of {found.batch_size}, whose"
        " statistics are not those of its weights",
        evidence,
        EXPLAINS,
        _edit(case, found.backbone),
        cost=0.05,
    )


def _call(case: Case, backbone: Backbone) -> Flagged | None:
    """The line that calls the base with `training=` written out."""
    return next((one for one in flagged(case) if one.layer is backbone.model), None)


def _edit(case: Case, backbone: Backbone) -> Edit | None:
    """Freezes the normalisation layers: in a functional model `training=False` would be overridden."""
    place = case.compile.place if case.compile is not None else None
    name = name_of(case, backbone)
    if place is None or name is None or backbone.place is None or not same_scope(case, place, backbone.place):
        return None
    keras = edits.keras_name(case, place)
    code = (
        f"for layer in {name}.layers:\n"
        f"    if isinstance(layer, {keras.code}.layers.BatchNormalization):\n"
        "        layer.trainable = False"
    )
    steps = (*keras.operations, edits.insert_statement(place, code, "before"))
    return Edit("Keep the normalisation layers frozen", steps, safe=True)
