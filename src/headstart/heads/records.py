"""What the heads room hands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from headstart.core.rows import Rows, whole

Activation = Literal["linear", "relu", "softmax"]


@dataclass(frozen=True)
class DenseLayer:
    """One Dense layer as arrays.

    Attributes:
        kernel: Shape (inputs, units), float32.
        bias: Shape (units,), float32.
        activation: 'linear', 'relu' or 'softmax'.
        dropout: Share of this layer's outputs that was dropped while it was trained.
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    activation: Activation
    dropout: float = 0.0


@dataclass(frozen=True)
class Epoch:
    """One epoch of a head that was trained in epochs.

    Attributes:
        number: From 1.
        loss: Cross-entropy on the training part, in nats.
        accuracy: Share right on the training part, in [0, 1].
        val_loss: Cross-entropy on the validation part, in nats; NaN where there is none.
        val_accuracy: Share right on the validation part; NaN where there is none.
    """

    number: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float


@dataclass(frozen=True)
class Head:
    """What turns raw features into class probabilities; everything else is folded into it.

    Attributes:
        kind: 'linear', 'mlp' or 'fine-tuned'.
        layers: Dense layers in order; the last one has softmax and a unit for each class.
        chosen: How it was chosen, by name (strength, temperature, epochs, ...).
        tried: (strength, cross-validated log loss) of each strength that was tried.
        epochs: History of training, empty where there were no epochs.
    """

    kind: Literal["linear", "mlp", "fine-tuned"]
    layers: tuple[DenseLayer, ...]
    chosen: Mapping[str, float]
    tried: tuple[tuple[float, float], ...] = ()
    epochs: tuple[Epoch, ...] = ()

    def probabilities(self, features: NDArray[np.float32] | Rows) -> NDArray[np.float64]:
        """Class probabilities, shape (n, classes), of features of shape (n, width)."""
        return run_layers(self.layers, features)


def run_layers(layers: tuple[DenseLayer, ...], features: NDArray[np.float32] | Rows) -> NDArray[np.float64]:
    """What Dense layers make of features, in float64: shape (n, width) to (n, units of the last).

    Features that memory does not hold are read a block at a time.
    """
    x = whole(features)
    if x is not None:
        return _run(layers, x)
    rows = Rows.of(features)
    result = np.empty((len(rows), len(layers[-1].bias)))
    for block in rows.blocks():
        result[block] = _run(layers, rows.read(block))
    return result


def _run(layers: tuple[DenseLayer, ...], features: NDArray[np.float32]) -> NDArray[np.float64]:
    values: NDArray[np.float64] = features.astype(np.float64)
    for layer in layers:
        values = values @ layer.kernel.astype(np.float64) + layer.bias.astype(np.float64)
        if layer.activation == "relu":
            values = np.maximum(values, 0.0)
        elif layer.activation == "softmax":
            values = softmax(values)
    return values


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of logits along the last axis, safe for large ones."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result
