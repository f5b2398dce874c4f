"""All weights are frozen, or the hidden layers are frozen at random: the fit cannot teach what it should.

What it is
    `trainable = False` on the whole model, or on each of its layers, freezes the new head together with the
    base. In a net of one's own, a hidden layer that is frozen keeps the random weights that it was made with.

Why it hurts
    With no weight left to train, loss and accuracy repeat to the last digit in every epoch. With a frozen
    hidden layer the rest learns what little a few random features allow.

Wrong
    for layer in model.layers:
        layer.trainable = False

Right
    base.trainable = False

How it was measured
    The model at the fit has weights, and none of them is trainable. For hidden layers: short trainings on
    copies of one batch, with the layers frozen and freed; it is a fault where the loss hardly falls with them
    frozen, and to less than half of that with them freed.

When it is wrong
    Models without weights, and classes that take their training steps themselves, may train something else.
    A discriminator that is frozen for the model around it is only mentioned. Wide random layers on purpose,
    frozen embeddings and layers with weights of the user's own pass the comparison or are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.views.freezing import (
    MEANT,
    fits_before,
    in_backbones,
    learners,
    line_of_flag,
    own_weights,
    part_of_another,
    receiver,
    same_scope,
    size,
    steps_itself,
    untrained,
)

NAME = "nothing-trainable"
GROUP = "backbone"
FIXES = True

EXPLAINS = (
    "loss-not-falling",
    "vanishing-gradient",
    "head-frozen",
    "trainable-after-compile",
    "rate-too-low",
    "bn-moving-stats-unsettled",
)


def check(case: Case) -> Iterable[Finding]:
    """Counts what the fit would train."""
    layers = learners(case)
    if not layers or steps_itself(case.model):
        return
    if case.model.trainable_variables:
        yield from _hidden(case, layers)
        return
    if case.fit is not None and case.fit.name == "headstart.fit":
        return
    place = _place(case, layers)
    yield Finding(
        NAME,
        "info" if part_of_another(case) else "error",
        place,
        "every weight of the model is frozen, so the fit changes nothing",
        {
            "weights": size(case.model.variables),
            "weights that would be trained": 0,
            "layers that were frozen": len(layers),
        },
        EXPLAINS,
        _edit(case, place),
        cost=1.0,
    )


def _place(case: Case, layers: list[Any]) -> Place | None:
    """The line that froze the last layer: that is the head's."""
    found = line_of_flag(case, layers[-1]) or line_of_flag(case, case.model)
    return found or (case.fit.place if case.fit is not None else None)


def _edit(case: Case, place: Place | None) -> Edit | None:
    """Frees the model and freezes its base again, just before the compile."""
    made = case.compile.place if case.compile is not None else None
    name = receiver(case, made)
    event = case.compile
    if made is None or event is None or event.result or name is None or place is None:
        return None
    if not same_scope(case, made, place):
        return None
    # One by one: on TensorFlow a flag that is True already is not handed down to the layers.
    lines = [] if case.model.trainable else [f"{name}.trainable = True"]
    lines += [f"for layer in {name}.layers:", "    layer.trainable = True"]
    for backbone in case.backbones:
        if not backbone.nested or not any(layer is backbone.model for layer in case.model.layers):
            return None
        lines.append(f'{name}.get_layer("{backbone.model.name}").trainable = False')
    step = edits.insert_statement(made, "\n".join(lines), "before")
    return Edit("Free the layers that are to learn", (step,), safe=True)


def _hidden(case: Case, layers: list[Any]) -> Iterable[Finding]:
    """A frozen layer of random weights in a net without a pretrained base."""
    if case.backbones or in_backbones(case) or fits_before(case) or case.trace.of_kind("load-weights"):
        return
    frozen = [layer for layer in layers if not any(v.trainable for v in own_weights(layer))]
    kinds = [type(layer).__name__ for layer in frozen]
    if not frozen or not all(k == "Dense" or k.startswith("Conv") for k in kinds) or not untrained(frozen):
        return
    if any(case.place_of(layer) is None for layer in frozen):
        return
    try:
        compared = case.probes.freeing
    except ProbeError:
        return
    if not np.isfinite(compared.freed) or compared.freed > 0.5 * compared.frozen:
        return
    if compared.frozen < 0.6 * compared.start or any(MEANT.search(unit.text) for unit in case.units):
        return
    yield Finding(
        NAME,
        "error",
        line_of_flag(case, frozen[0]) or case.place_of(frozen[0]),
        f"{'a layer is' if len(frozen) == 1 else f'{len(frozen)} layers are'} frozen at random weights, and"
        " the rest cannot learn the data through them",
        {
            "weights frozen at random": size(v for layer in frozen for v in own_weights(layer)),
            "loss of a batch at the start": round(compared.start, 4),
            f"after {compared.steps} steps with them frozen": round(compared.frozen, 4),
            "after as many with them freed": round(compared.freed, 4),
        },
        EXPLAINS,
        cost=0.3,
    )
