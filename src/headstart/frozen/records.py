"""What the boundary hands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Side:
    """One side of the boundary in numbers.

    Attributes:
        layers: Layers, those inside nested models counted.
        parameters: Numbers in their weights.
        multiply_adds: Multiply-adds for one sample; None where a shape is not known.
    """

    layers: int
    parameters: int
    multiply_adds: int | None


@dataclass(frozen=True)
class Cut:
    """A tensor that crosses the boundary.

    Attributes:
        name: Its name as input of the tail.
        source: Name of the layer or input that it comes from.
        shape: Its shape without the batch axis; None where the size is free.
        dtype: Its type.
        raw: Whether it is one of the model's own inputs, which goes round the trunk.
    """

    name: str
    source: str
    shape: tuple[int | None, ...]
    dtype: str
    raw: bool


@dataclass(frozen=True)
class Boundary:
    """Where a model stops being a function of its input alone.

    `tail(trunk(x))` is `model(x)`. Both share the model's own layers, so what trains the tail trains the
    model.

    Attributes:
        trunk: The longest part that cannot change during training, from those of the model's inputs
            that it needs to the cut tensors that are not raw; None where nothing can be split.
        tail: The rest, from a dict of cut tensors by name to the model's outputs; None likewise.
        reason: Why nothing can be split, in a sentence; None where it can.
        cuts: What crosses, in the order of the trunk's outputs; raw inputs last.
        trunk_inputs: Which of the model's inputs the trunk takes, by position.
        frozen: The trunk in numbers.
        trained: The tail in numbers.
        blockers: For each layer at which the frozen part ends, why it can change, in a sentence.
        unproven: Names of layers in the trunk that Keras does not vouch for (own layers, Lambda, plain
            operations): frozen by all that can be read, and to be checked on data.
        augmenting: Names of random augmentation layers in the trunk; only where views of each picture are
            kept.
        notes: What the user should know, one sentence each.
    """

    trunk: keras.Model | None
    tail: keras.Model | None
    reason: str | None
    cuts: tuple[Cut, ...] = ()
    trunk_inputs: tuple[int, ...] = ()
    frozen: Side = Side(0, 0, 0)
    trained: Side = Side(0, 0, 0)
    blockers: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    augmenting: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def splits(self) -> bool:
        """Whether there is a trunk worth keeping."""
        return self.trunk is not None and self.tail is not None
