"""Each output of the model with its targets, its loss, and what its last operation can give.

What an output can give is read from the layer that makes it. Where the layer does not say (a Lambda, an
operation in a `call`, a recurrent layer), it is measured: the last weights before the output are drawn
anew, large, and the range of the output tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.doctor.capture.samples import take_rows, to_numpy
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.flow import Flow, Pass
from headstart.doctor.views.loss import Loss, loss_from
from headstart.doctor.views.model import activation_of
from headstart.doctor.views.targets import plain_training

if TYPE_CHECKING:
    from headstart.doctor.case import Case

Array = np.ndarray[Any, Any]

RANGES = {
    "softmax": (0.0, 1.0),
    "sigmoid": (0.0, 1.0),
    "hard_sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "hard_tanh": (-1.0, 1.0),
    "softsign": (-1.0, 1.0),
    "relu6": (0.0, 6.0),
    "relu": (0.0, np.inf),
    "softplus": (0.0, np.inf),
    "exponential": (0.0, np.inf),
}
"""What the output of a function can be, for those that do not reach every number."""
OTHERS = ("linear", "leaky_relu", "prelu", "elu", "selu", "gelu", "silu", "swish", "mish", "log_softmax")
"""Functions that reach (nearly) every number, or that no loss wants before it."""
ALIASES = {"softmax_v2": "softmax", "swish": "silu"}
SHAPES = ("Reshape", "Flatten", "Permute", "Cropping1D", "Cropping2D")
ROWS = 32
MOST = 4_000_000
"""Numbers of the targets that are looked at."""


@dataclass(frozen=True)
class Head:
    """One output.

    Attributes:
        name: The output's name where the model has several, else empty.
        loss: Its loss, or None.
        layer: The innermost layer that made it, or None.
        entered: What went into that layer, where it was kept.
        activation: The function that it ends in, or one with the same range if that was measured; None if
            unknown.
        measured: Whether the activation was told by measuring.
        wide: Whether the output goes outside 0..1, as seen, or as nothing keeps it from with other weights.
        near: The last layer with weights before it: whose line to show where no layer made the output.
        output: Predictions for the rows of `flow`, the last axis the units.
        y: The targets that were seen, shaped like the output where they are of its shape; else as they came.
            Of very many numbers, those of the first rows.
        own: The targets of the rows of `output`, likewise shaped.
    """

    name: str
    loss: Loss | None
    layer: Any
    entered: Array | None
    activation: str | None
    measured: bool
    wide: bool
    near: Any
    output: Array
    y: Array | None
    own: Array | None

    @property
    def units(self) -> int:
        """Width of the output."""
        return int(self.output.shape[-1])

    @property
    def fits(self) -> bool:
        """Whether the targets are of the output's own shape."""
        return self.y is not None and self.y.shape[1:] == self.output.shape[1:]

    @property
    def numbers(self) -> Array:
        """The targets as finite numbers, one axis; empty where there are none."""
        if self.y is None:
            return np.zeros(0)
        flat = self.y.reshape(-1).astype(np.float64)
        return flat[np.isfinite(flat)]

    @property
    def kind(self) -> str:
        """What the targets are.

        "one-hot" (rows of a single 1), "soft" (rows that sum to 1), "multi" (rows of 0 and 1), "binary" (a
        column of 0 and 1), "signs" (only -1 and 1), "unit" (within 0..1), "values"; "ids" (whole numbers,
        one for each row of units); "none" where they fit neither way.
        """
        y = self.y
        if y is None or y.size == 0 or not np.isfinite(y.astype(np.float64)).all():
            return "none"
        zero_one = bool(np.isin(y, (0, 1)).all())
        if self.fits:
            unit = bool(y.min() >= 0 and y.max() <= 1)
            if self.units > 1:
                sums = y.sum(axis=-1, dtype=np.float64)
                if zero_one:
                    return "one-hot" if (sums == 1).all() else "multi"
                if unit and np.allclose(sums, 1, atol=1e-3):
                    return "soft"
            elif zero_one:
                return "binary"
            if np.isin(y, (-1, 1)).all():
                return "signs"
            return "unit" if unit else "values"
        places = self.output.shape[1:-1]
        if self.units > 1 and y.shape[1:] in (places, (*places, 1)):
            whole = y.astype(np.float64)
            return "ids" if (whole == np.round(whole)).all() and whole.min() >= -1 else "none"
        return "none"

    @property
    def distribution(self) -> bool:
        """Whether the rows of the output are probabilities that sum to 1, as measured."""
        rows = self.output.reshape(-1, self.units).astype(np.float64)
        return bool(self.units > 1 and rows.min() >= 0 and np.allclose(rows.sum(axis=1), 1, atol=1e-3))

    @property
    def in_unit(self) -> bool:
        """Whether the output lies within 0..1, as measured."""
        return bool(self.output.min() >= -1e-6 and self.output.max() <= 1 + 1e-6)

    @property
    def label(self) -> str:
        """How to speak of it: "the output", or "the output 'age'"."""
        return f"the output {self.name!r}" if self.name else "the output"


@dataclass(frozen=True)
class Heads:
    """All outputs of the model that have a loss of their own."""

    each: tuple[Head, ...]


def measure(case: Case) -> Heads:
    """Puts outputs, targets and losses side by side."""
    flow = case.probes.flow
    if case.train is None or not plain_training(case.model):
        raise ProbeError("the model does not train the way that compile says")
    outputs = _named(case.model, flow.output)
    given = getattr(case.model, "loss", None)
    targets = case.train.y
    several = len(outputs) > 1
    heads = []
    for place, (name, output) in enumerate(outputs):
        if not isinstance(output, np.ndarray) or output.ndim < 1 or output.size == 0:
            continue
        shaped = output.astype(np.float32) if output.dtype.kind not in "fiu" else output
        shaped = shaped[:, None] if shaped.ndim == 1 else shaped
        loss = case.loss if not several else loss_from(_part(given, name, place, single=True))
        y, own = (
            _shaped(_array(_part(part, name, place, single=False) if several else _only(part)), shaped)
            for part in (targets, flow.y)
        )
        if y is not None and y.size > MOST:
            y = y[: max(1, MOST * len(y) // y.size)]
        made = _maker(case, flow, output)
        activation = _known(made.layer) if made is not None else None
        measured = activation is None
        wide = bool(shaped.min() < -1e-6 or shaped.max() > 1 + 1e-6)
        if measured:
            activation = _by_range(case, flow, place if several else None, name)
            wide = wide or activation == "linear"
        elif made is not None and activation in OTHERS:
            wide = wide or _free(made.layer)
        heads.append(
            Head(
                name if several else "",
                loss,
                made.layer if made is not None else None,
                made.input if made is not None else None,
                activation,
                measured,
                wide,
                made.layer if made is not None else _last_weighted(flow),
                shaped,
                y,
                own,
            )
        )
    return Heads(tuple(heads))


def _named(model: Any, output: Any) -> list[tuple[str, Any]]:
    if isinstance(output, dict):
        return [(str(key), value) for key, value in output.items()]
    parts = list(output) if isinstance(output, list | tuple) else [output]
    names = list(getattr(model, "output_names", None) or [])
    if len(names) != len(parts):
        names = [str(i) for i in range(len(parts))]
    return list(zip(names, parts, strict=True))


def _part(value: Any, name: str, place: int, single: bool) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list | tuple):
        return value[place] if place < len(value) else None
    return value if single else None


def _only(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.values()))
    if isinstance(value, list | tuple) and len(value) == 1:
        return value[0]
    return value


def _array(value: Any) -> Array | None:
    if value is None or isinstance(value, dict | list | tuple):
        return None
    array = to_numpy(value)
    if not isinstance(array, np.ndarray) or array.ndim == 0 or array.dtype.kind not in "iufb":
        return None
    return array


def _shaped(y: Array | None, output: Array) -> Array | None:
    """Targets of (N,) for outputs of (N, 1), and the other way round, as Keras squeezes them."""
    if y is None:
        return None
    if y.shape[1:] == output.shape[1:]:
        return y
    if output.shape[-1] == 1 and y.shape[1:] == output.shape[1:-1]:
        return y[..., None]
    return y


def _maker(case: Case, flow: Flow, output: Array) -> Pass | None:
    """The pass of the innermost layer that made the output, before layers that only change its shape."""
    found = _equal(case, flow, output)
    for _ in range(4):
        if found is None or type(found.layer).__name__ not in SHAPES or found.input is None:
            return found
        before = _equal(case, flow, found.input)
        if before is None or before is found:
            return found
        found = before
    return found


def _equal(case: Case, flow: Flow, output: Array) -> Pass | None:
    """The last leaf that gave exactly this; else the first layer with layers inside, the model apart."""
    leaves: list[Pass] = []
    holders: list[Pass] = []
    for done in flow.passes:
        made = done.output
        if made is None or made.shape != output.shape or done.layer is case.model:
            continue
        kind = type(done.layer).__name__
        if kind in ("InputLayer", "Identity") or "Dropout" in kind or "Noise" in kind:
            continue
        if not np.array_equal(made, output, equal_nan=True):
            continue
        if _unchanged(done) and activation_of(done.layer) in (None, "linear"):
            continue
        inner = list(done.layer._flatten_layers(include_self=False, recursive=False))
        (holders if inner else leaves).append(done)
    return leaves[-1] if leaves else holders[0] if holders else None


def _unchanged(done: Pass) -> bool:
    if done.input is None or done.output is None or done.input.shape != done.output.shape:
        return False
    return bool(np.array_equal(done.input, done.output, equal_nan=True))


def _known(layer: Any) -> str | None:
    """The function that a layer ends in, if its name says all."""
    # The gates of a recurrent layer leave its output in the range of the function that it names.
    name = activation_of(layer)
    name = ALIASES.get(name or "", name)
    if name == "relu" and type(layer).__name__ == "ReLU":
        if getattr(layer, "negative_slope", 0) or getattr(layer, "threshold", 0):
            return "leaky_relu"
        if getattr(layer, "max_value", None) is not None:
            return "relu6" if layer.max_value == 6 else None
    return name if name in RANGES or name in OTHERS else None


def _free(layer: Any) -> bool:
    """Whether a layer's own weights can take its output anywhere."""
    return _own_kernel(layer) is not None and getattr(layer, "kernel_constraint", None) is None


def _last_weighted(flow: Flow) -> Any:
    return next((p.layer for p in reversed(flow.passes) if _own_kernel(p.layer) is not None), None)


def _by_range(case: Case, flow: Flow, place: int | None, name: str) -> str | None:
    """The function whose range the output has when the weights before it are large, either sign."""
    kernel = _own_kernel(_last_weighted(flow))
    if kernel is None or flow.seconds_per_row * ROWS > 0.5:
        return None
    x = take_rows(flow.x, slice(0, ROWS))
    rng = np.random.default_rng(0)
    kept = np.array(to_numpy(kernel.value))
    size = 1e4 if kept.dtype.itemsize > 2 else 100.0
    drawn = (rng.normal(size=kept.shape) * size).astype(kept.dtype)
    seen = []
    try:
        for sign in (1, -1):
            kernel.assign(sign * drawn)
            output = case.model(x, training=False)
            if place is not None:
                output = output[name] if isinstance(output, dict) else output[place]
            seen.append(np.asarray(to_numpy(output), dtype=np.float64))
    finally:
        kernel.assign(kept)
    both = np.concatenate(seen)
    if not np.isfinite(both).all():
        return None
    low, high = float(both.min()), float(both.max())
    if low >= 0 and high <= 1 + 1e-6:
        if both.ndim > 1 and both.shape[-1] > 1 and np.allclose(both.sum(axis=-1), 1, atol=1e-4):
            return "softmax"
        return "sigmoid" if low < 0.01 and high > 0.99 else None
    if -1 - 1e-6 <= low < -0.9 and 0.9 < high <= 1 + 1e-6:
        return "tanh"
    if low == 0 and high > 10 and float((both == 0).mean()) > 0.02:
        return "relu"
    return "linear" if low < -10 and high > 10 else None


def _own_kernel(layer: Any) -> Any:
    """The largest matrix among a layer's own trainable weights, or of a recurrent layer's cell."""
    cell = getattr(layer, "cell", None)
    own = list(getattr(layer, "_trainable_variables", [])) + list(getattr(cell, "_trainable_variables", []))
    matrices = [v for v in own if len(v.shape) >= 2]
    return max(matrices, key=lambda v: int(np.prod(v.shape))) if matrices else None
