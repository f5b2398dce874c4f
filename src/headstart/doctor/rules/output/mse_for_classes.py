"""A loss that compares numbers, on the outputs of a classifier.

What it is
    Mean squared or absolute error between the outputs and labels that are classes: one-hot rows, 0/1, or ids.

Why it hurts
    Behind a softmax or sigmoid its gradient fades where the answer is wrong and sure, which is where
    cross-entropy pulls hardest. With plain SGD a run may end at chance that would have learned; with a rate
    that suits a squared error of raw outputs, it diverges. Against class ids, every unit is drawn to the
    same number.

Wrong
    model.compile(loss="mse", optimizer="sgd")

Right
    model.compile(loss="categorical_crossentropy", optimizer="sgd")

How it was measured
    The live model is trained for a short while from its own weights with the script's optimizer, once with
    its loss and once with the cross-entropy that fits, and held-out rows are answered by both. A warning
    needs a clear gap; without one it is no more than a remark.

When it is wrong
    The Brier score is a squared error on purpose, and with Adam it often trains as well; autoencoders and
    distillation have targets that are no classes. The rule looks at the labels and at what the change brings.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.heads import Head
from headstart.doctor.probes.lab import Lab
from headstart.doctor.probes.meanwhile import swapped
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair.loss_edits import set_loss
from headstart.doctor.repair.output_edits import loss_place

NAME = "mse-for-classes"
GROUP = "output"
FIXES = True

EXPLAINS = (
    "loss-not-falling",
    "vanishing-gradient",
    "rate-too-low",
    "optimiser-default-weak",
    "accuracy-on-regression",
    "epochs-too-few",
)

LOSSES = ("mean_squared_error", "mean_absolute_error", "huber", "log_cosh", "mean_squared_logarithmic_error")
WORDS = {"mean_squared_error": "squared error", "mean_absolute_error": "absolute error"}
ROWS = 20
"""Held-out rows below which two accuracies are not compared."""
STEPS = 200
"""Steps of a run, so that both losses are tried in a second or so."""
MOST = 30.0
"""The most by which a run is made shorter."""


def check(case: Case) -> Iterable[Finding]:
    """Raises the suspicion from loss and labels, and tries the other loss."""
    loss = case.loss
    if loss is None or not loss.builtin or loss.name not in LOSSES:
        return
    for head in case.probes.heads.each:
        if head.name or not _classes(head) or _itself(case, head):
            continue
        word = WORDS.get(loss.name, loss.name)
        if head.kind == "ids":
            yield Finding(
                NAME,
                "error",
                loss_place(case, loss),
                f"the {word} draws all {head.units} units of the softmax to the number of the class",
                {"highest class id": int(head.numbers.max()), "units": head.units},
                EXPLAINS,
                set_loss(case, "Use the cross-entropy for class ids", "sparse_categorical_crossentropy"),
                cost=0.6,
            )
            continue
        evidence: dict[str, Any] = {"labels": head.kind, "loss": loss.name}
        gap = _gap(case, head, evidence)
        found = gap is not None and gap > 0
        # A softmax over one unit, or where several labels hold, was meant to give probabilities: it is at
        # fault itself, and the loss with it.
        meant = head.activation == "softmax" and (head.units == 1 or head.kind == "multi")
        yield Finding(
            NAME,
            "warning" if found or meant else "info",
            loss_place(case, loss),
            f"the loss is the {word}, though the labels are classes" + (_said(evidence) if found else ""),
            evidence,
            EXPLAINS if found else (),
            _edit(case, head),
            cost=min(1.0, gap or 0.0) if found else 0.0,
        )


def _said(evidence: dict[str, Any]) -> str:
    if "with cross-entropy" in evidence:
        return ": with cross-entropy the same steps answer more of them"
    return " and nothing bounds the output: the loss explodes"


def _classes(head: Head) -> bool:
    if head.kind == "ids":
        return head.activation == "softmax" and head.numbers.min() >= 0 and head.numbers.max() < head.units
    if head.kind == "one-hot":
        return len(np.unique(head.y.argmax(axis=-1))) > 1 if head.y is not None else False
    bounded = head.activation in ("softmax", "sigmoid")
    return bounded and (head.kind == "binary" or (head.kind == "multi" and head.activation == "softmax"))


def _itself(case: Case, head: Head) -> bool:
    """Whether the targets are the inputs, as for an autoencoder, or are pictures and sequences."""
    x = case.train.x if case.train is not None else None
    if head.output.ndim > 2:
        return head.activation != "softmax"
    return (
        isinstance(x, np.ndarray)
        and head.y is not None
        and x.shape == head.y.shape
        and bool((x == head.y).all())
    )


def _gap(case: Case, head: Head, evidence: dict[str, Any]) -> float | None:
    """By how much more accurate cross-entropy is, less what chance allows; None where it cannot be told."""
    if head.kind not in ("one-hot", "binary") or head.output.ndim > 2:
        return None
    try:
        lab = case.probes.lab
        if not lab.split or lab.held_rows < ROWS:
            return None
        # A run longer than fits is made shorter at a higher rate, which goes as far, for both losses.
        steps = min(lab.plan or STEPS, lab.room, STEPS)
        squeezed = min(MOST, max(1.0, (lab.plan or 0) / steps))
        rate = case.rate * squeezed if squeezed > 1 and case.rate else None
        sigmoid = head.activation == "softmax" and head.units == 1
        if sigmoid:
            # On one unit the loss is judged with the function that the unit should have.
            swap = _with(case, head, "sigmoid", None)
            own = lab.run(rate=rate, steps=steps, change=swap, key="sigmoid", retrace=True)
        else:
            own = lab.run(rate=rate, steps=steps)
        if not own.finite and rate is not None and not sigmoid:
            own = lab.run(steps=steps)
        margin = max(0.1, 1.5 / lab.held_rows**0.5)
        if not own.finite and head.activation not in ("softmax", "sigmoid"):
            # The gradient of a squared error grows with the error; that of cross-entropy is at most 1.
            evidence["steps until the loss is no number"] = own.steps
            return 0.3
        other = lab.run(rate=rate, steps=steps, change=_change(case, head), key="cross-entropy", retrace=True)
        given = own.accuracy if own.finite else _chance(lab)
        if given is None or other.accuracy is None:
            return None
        if other.accuracy - given >= margin and rate is not None and not sigmoid:
            given = max(given, lab.run(steps=steps).accuracy or 0.0)
    except ProbeError:
        return None
    evidence |= {
        "held-out rows": lab.held_rows,
        "steps": steps,
        "answered rightly after these steps": round(given, 3),
        "with cross-entropy": round(other.accuracy, 3),
    }
    return other.accuracy - given if other.accuracy - given >= margin else 0.0


def _chance(lab: Lab) -> float:
    y = np.asarray(lab.held[1]).reshape(lab.held_rows, -1)
    ids = y.argmax(axis=1) if y.shape[1] > 1 else y[:, 0]
    return float(np.unique(ids, return_counts=True)[1].max() / len(ids))


def _change(case: Case, head: Head) -> Callable[[], Any]:
    """Trains with the cross-entropy that fits: of probabilities if it gets them, else of raw values."""
    import keras

    losses = keras.losses
    if head.activation == "softmax" and head.units > 1:
        return _with(case, head, None, losses.CategoricalCrossentropy())
    if head.activation in ("sigmoid", "softmax"):
        swap = "sigmoid" if head.activation == "softmax" else None
        return _with(case, head, swap, losses.BinaryCrossentropy())
    raw = None if head.activation == "linear" else "linear"
    return _with(case, head, raw, losses.CategoricalCrossentropy(from_logits=True))


def _with(case: Case, head: Head, activation: str | None, loss: Any) -> Callable[[], Any]:
    import keras

    @contextlib.contextmanager
    def change() -> Iterator[None]:
        def compute_loss(y: Any = None, y_pred: Any = None, **_: Any) -> Any:
            y = keras.ops.reshape(keras.ops.cast(y, "float32"), keras.ops.shape(y_pred))
            return loss(y, y_pred)

        model = case.model
        with contextlib.ExitStack() as stack:
            if activation is not None:
                if not hasattr(head.layer, "activation"):
                    raise ProbeError("the function of the output cannot be exchanged")
                stack.enter_context(swapped([head.layer], "activation", keras.activations.get(activation)))
            if loss is not None:
                object.__setattr__(model, "compute_loss", compute_loss)
                stack.callback(object.__delattr__, model, "compute_loss")
            yield

    return change


def _edit(case: Case, head: Head) -> Edit | None:
    title = "Use the cross-entropy that fits"
    if head.activation == "softmax" and head.units > 1 and head.kind == "one-hot":
        return set_loss(case, title, "categorical_crossentropy")
    if head.activation == "sigmoid" and head.kind == "binary":
        return set_loss(case, title, "binary_crossentropy")
    return None
