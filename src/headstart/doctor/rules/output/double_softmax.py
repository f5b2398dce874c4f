"""Probabilities taken for raw outputs: a softmax or sigmoid is applied twice.

What it is
    The model ends in a softmax or sigmoid, and another one follows: a second layer, or the loss itself,
    which applies its own under `from_logits=True`.

Why it hurts
    Numbers between 0 and 1 are all that the second one sees, so its answers stay soft: with ten classes
    no probability exceeds 0.24 and the loss never falls below 1.46. On TensorFlow Keras finds the raw values
    behind the last softmax or sigmoid and computes the loss rightly all the same; JAX and PyTorch do not.

Wrong
    model.add(Dense(10, activation="softmax"))
    model.compile(loss=CategoricalCrossentropy(from_logits=True), optimizer="adam")

Right
    model.add(Dense(10, activation="softmax"))
    model.compile(loss=CategoricalCrossentropy(), optimizer="adam")

How it was measured
    The output of the live model is bounded to 0..1 while the loss takes raw values, and the loss of a batch
    is computed both ways, and on TensorFlow as `fit` would; or the predictions are the softmax of what a
    softmax gave.

When it is wrong
    A softmax in another branch is attention. The rule speaks only where the function stands on the output
    itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes.flow import Pass
from headstart.doctor.probes.heads import Head
from headstart.doctor.records import Finding
from headstart.doctor.repair.output_edits import loss_place, set_activation, set_from_logits
from headstart.doctor.views.head_losses import loss_of_numbers
from headstart.doctor.views.model import activation_of

NAME = "double-softmax"
GROUP = "output"
FIXES = True

EXPLAINS = ("loss-not-falling", "vanishing-gradient", "rate-too-low", "optimiser-default-weak")

TWICE = ("softmax", "sigmoid", "hard_sigmoid")


def check(case: Case) -> Iterable[Finding]:
    """Looks for a second function in the model, then in the loss."""
    for head in case.probes.heads.each:
        twice = _twice(case, head)
        if twice is not None:
            yield _in_model(case, head, twice)
        elif _flagged(head) and head.activation in TWICE and head.in_unit and not _one_softmax(head):
            yield _in_loss(case, head)


def _flagged(head: Head) -> bool:
    return head.loss is not None and head.loss.crossentropy and head.loss.from_logits


def _one_softmax(head: Head) -> bool:
    return head.activation == "softmax" and head.units == 1


def _twice(case: Case, head: Head) -> Pass | None:
    """The pass that gave probabilities whose softmax or sigmoid is the output."""
    if not head.in_unit or _one_softmax(head):
        return None
    final = head.output
    for done in case.probes.flow.passes:
        first = done.output
        if first is None or first.shape != final.shape or activation_of(done.layer) not in TWICE:
            continue
        values = first.astype(np.float64)
        powers = np.exp(values)
        again = (powers / powers.sum(axis=-1, keepdims=True), 1 / (1 + 1 / powers))
        if any(np.allclose(one, final, atol=1e-5) for one in again) and not np.allclose(
            first, final, atol=1e-5
        ):
            found: Pass = done
            return found
    return None


def _in_model(case: Case, head: Head, first: Pass) -> Finding:
    assert first.left is not None
    layer = head.layer if head.layer is not None and head.layer is not first.layer else first.layer
    name = activation_of(first.layer)
    return Finding(
        NAME,
        "error",
        case.place_of(layer),
        f"{head.label} is the {head.activation or 'softmax'} of what a {name} gave: it is never sure",
        {
            "highest after the first": round(first.left.high, 4),
            "highest after the second": round(float(head.output.max()), 4),
            "the most that it can be": round(_most(head), 4),
        },
        EXPLAINS,
        set_activation(case, first.layer, "linear", "Keep one of the two functions"),
        cost=0.3,
    )


def _most(head: Head) -> float:
    """The highest number that a softmax or sigmoid of values in 0..1 gives."""
    if head.activation in ("sigmoid", "hard_sigmoid"):
        return float(1 / (1 + np.exp(-1)))
    return float(np.e / (np.e + head.units - 1))


def _in_loss(case: Case, head: Head) -> Finding:
    loss = head.loss
    assert loss is not None
    evidence: dict[str, Any] = {
        "lowest output": round(float(head.output.min()), 4),
        "highest": round(float(head.output.max()), 4),
    }
    hidden = False
    if head.own is not None:
        try:
            right, given = (loss_of_numbers(loss.name, head.own, head.output, f) for f in (False, True))
            evidence |= {"loss of these probabilities": round(right, 4), "loss as if raw": round(given, 4)}
            live = _live(case, head, head.own)
            if live is not None:
                evidence["loss as fit computes it here"] = round(live, 4)
                hidden = abs(live - right) < abs(live - given)
        except (ValueError, TypeError, IndexError):
            pass
    return Finding(
        NAME,
        "warning" if hidden else "error",
        loss_place(case, loss),
        f"the loss applies its own function (from_logits=True) to {head.label}, which ends in a"
        f" {head.activation} already" + ("; TensorFlow undoes it, other backends do not" if hidden else ""),
        evidence,
        EXPLAINS,
        set_from_logits(case, loss, False, "Tell the loss that it gets probabilities"),
        cost=0.01 if hidden else 0.3,
    )


def _live(case: Case, head: Head, y: Any) -> float | None:
    """The loss in a graph of TensorFlow, as `fit` has it; None on other backends."""
    if case.backend != "tensorflow" or head.name or head.loss is None:
        return None
    import keras
    import tensorflow as tf

    x = case.probes.flow.x
    name = "".join(part.title() for part in head.loss.name.split("_"))
    loss = keras.losses.get({"class_name": name, "config": {"from_logits": True}})
    try:
        return float(tf.function(lambda: loss(y, case.model(x, training=False)))())
    except Exception:
        # Whatever cannot be traced is left unsaid.
        return None
