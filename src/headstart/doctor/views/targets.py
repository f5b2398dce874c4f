"""Puts the targets, the output and the loss of a live model side by side, for rules about how they fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from headstart.doctor.capture.samples import to_numpy
from headstart.doctor.views.loss import Loss
from headstart.doctor.views.model import activation_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]
Form = Literal["column", "columns"]

MOST = 500_000
"""Elements of the targets that are looked at; of more, whole rows at even distances."""

CATEGORICAL = ("categorical_crossentropy", "categorical_focal_crossentropy")
SPARSE = ("sparse_categorical_crossentropy",)
BINARY = ("binary_crossentropy", "binary_focal_crossentropy")


@dataclass(frozen=True)
class Target:
    """One output, the targets that it is trained on, and Keras's own loss between them.

    Attributes:
        loss: The loss, always one of Keras's own.
        layer: The innermost layer that made the output, or None.
        activation: What that layer ends in, or None.
        output: Predictions of a batch, the last axis the units.
        y: The targets as far as they were seen; for arrays all of them, up to `MOST` elements.
        whole: Whether `y` is all that there is.
        form: "column" where there is one value for each place that the model answers for (class ids, or
            0/1), "columns" where there is a row of values as for one-hot labels.
    """

    loss: Loss
    layer: Any
    activation: str | None
    output: Array
    y: Array
    whole: bool
    form: Form

    @property
    def units(self) -> int:
        """Width of the output."""
        return int(self.output.shape[-1])

    @property
    def width(self) -> int:
        """Width of the targets."""
        return 1 if self.form == "column" else int(self.y.shape[-1])

    @property
    def rows(self) -> Array:
        """The targets as rows: of one value, or of `width`."""
        return self.y.reshape(-1, self.width)

    @cached_property
    def kinds(self) -> Array:
        """The values that occur, in order."""
        return np.unique(self.y)

    @cached_property
    def whole_numbers(self) -> bool:
        """Whether every target is a whole number."""
        return whole_numbers(self.y)

    @cached_property
    def one_hot(self) -> bool:
        """Whether every row is 0 but for a single 1."""
        if self.form != "columns" or not np.isin(self.y, (0, 1)).all():
            return False
        return bool((self.rows.sum(axis=1) == 1).all())

    @cached_property
    def softmax(self) -> bool:
        """Whether the output is a distribution over the units, by measurement and by the layer's function."""
        if self.units < 2 or self.activation not in ("softmax", "linear", None):
            return False
        rows = self.output.reshape(-1, self.units).astype(np.float64)
        sums = np.allclose(rows.sum(axis=1), 1, atol=5e-3) and rows.min() >= 0
        # Without the layer's word, rows that are all alike prove nothing: an untrained output may be 1/n.
        return bool(sums and (self.activation == "softmax" or np.ptp(rows, axis=0).max() > 1e-6))


def whole_numbers(values: Array) -> bool:
    """Whether all values are finite whole numbers."""
    if values.dtype.kind in "iub":
        return True
    return bool(np.isfinite(values).all() and (values == np.round(values)).all())


def target_of(case: Case) -> Target | None:
    """The view; None where the model has several outputs, or a loss or training step of the user's own.

    Raises:
        ProbeError: If the model cannot be run on the batch.
    """
    loss = case.loss
    if loss is None or not loss.builtin or case.train is None or not plain_training(case.model):
        return None
    if not isinstance(_numbers(case.train.y), np.ndarray):
        return None
    flow = case.probes.flow
    output = flow.output
    if not isinstance(output, np.ndarray) or output.ndim < 1 or output.size == 0:
        return None
    if output.dtype.kind not in "fiu":
        output = output.astype(np.float32)
    if output.ndim == 1:
        output = output[:, None]
    y, whole = _targets(case)
    if y is None or y.size == 0:
        return None
    form = _form(y, output)
    if form is None:
        return None
    layer = flow.last
    activation = activation_of(layer) if layer is not None else None
    return Target(loss, layer, activation, output, y, whole, form)


def maker_of(case: Case, target: Target) -> tuple[Any, str] | None:
    """The layer that sets the width of the output, and its argument: `Dense` and `units`, say.

    It is the last layer itself, or one before a softmax or a reshape of its own.
    """
    for done in reversed(case.probes.flow.passes):
        for argument in ("units", "filters"):
            wide = done.left is not None and done.left.shape[-1:] == (target.units,)
            if wide and getattr(done.layer, argument, None) == target.units:
                return done.layer, argument
    return None


def plain_training(model: Any) -> bool:
    """Whether Keras's own step and loss are what trains the model."""
    for name in ("train_step", "compute_loss"):
        owner = next((cls for cls in type(model).__mro__ if name in vars(cls)), None)
        if owner is None or not owner.__module__.startswith(("keras.", "headstart.")):
            return False
    return True


def _targets(case: Case) -> tuple[Array | None, bool]:
    train = case.train
    if train is None:
        return None, False
    if train.whole is not None:
        everything = _numbers(train.whole[1])
        if everything is not None and everything.size:
            row = max(1, everything.size // max(1, len(everything)))
            step = max(1, -(-everything.size // MOST))
            return everything[::step] if row < MOST else everything[:1], step == 1
    return _numbers(train.y), train.complete


def _numbers(y: Any) -> Array | None:
    if y is None or isinstance(y, dict | list | tuple):
        return None
    try:
        array = to_numpy(y)
    except Exception:
        return None
    if not isinstance(array, np.ndarray) or array.ndim == 0 or array.dtype.kind not in "iufb":
        return None
    return array


def _form(y: Array, output: Array) -> Form | None:
    places, inner = output.shape[1:-1], y.shape[1:]
    if inner in (places, (*places, 1)):
        return "column"
    if len(inner) == output.ndim - 1 and inner[:-1] == places:
        return "columns"
    return None


def one_target(case: Case, *losses: str) -> Target | None:
    """The view where the loss is one of those named, which is asked first because it costs nothing.

    Raises:
        ProbeError: If there is no such view: see `target_of`.
    """
    loss = case.loss
    if loss is None or not loss.builtin or loss.name not in losses:
        return None
    found: Target = case.probes.target
    return found
