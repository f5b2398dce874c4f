"""Reads a live model: its layers, the backbones in it, what its last operation is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headstart.doctor.capture.trace import Event, Trace
from headstart.doctor.records import Place

STYLES = {
    "vgg16": "caffe",
    "vgg19": "caffe",
    "resnet": "caffe",
    "resnet_v2": "tf",
    "mobilenet": "tf",
    "mobilenet_v2": "tf",
    "xception": "tf",
    "inception_v3": "tf",
    "inception_resnet_v2": "tf",
    "nasnet": "tf",
    "densenet": "torch",
    "efficientnet": "inside",
    "efficientnet_v2": "inside",
    "mobilenet_v3": "inside",
    "convnext": "inside",
}
"""How each family of `keras.applications` wants its pixels: "caffe" (BGR less the mean), "tf" ([-1, 1]),
"torch" ([0, 1] standardised), or "inside" (0..255, scaled by a layer of its own)."""


@dataclass(frozen=True)
class Backbone:
    """A net of `keras.applications` that is part of the model at hand.

    Attributes:
        event: The call that built it, with `arguments` such as include_top, weights, pooling.
        model: The net itself.
        nested: Whether it stands in the model as one layer; else its layers are the model's own.
    """

    event: Event
    model: Any
    nested: bool

    @property
    def name(self) -> str:
        """The constructor's name, such as "VGG19"."""
        return self.event.name

    @property
    def family(self) -> str:
        """The module under `keras.applications`, such as "vgg19"."""
        return str(self.event.arguments["family"])

    @property
    def style(self) -> str:
        """How it wants its pixels: see `STYLES`. An inner scaling that was switched off gives "raw"."""
        style = STYLES.get(self.family, "unknown")
        if style == "inside" and self.event.arguments.get("include_preprocessing", True) is False:
            # Their own scaling, which the caller has taken over: [-1, 1] for both families that allow it.
            return "tf"
        return style

    @property
    def place(self) -> Place | None:
        """The line that built it."""
        return self.event.place

    @property
    def stand_in(self) -> bool:
        """Whether its weights could not be fetched, so that random ones stand in for them."""
        return bool(self.event.arguments.get("stand_in"))

    @property
    def weights(self) -> Any:
        """The argument `weights`."""
        return self.event.arguments.get("weights")

    @property
    def frozen(self) -> bool:
        """Whether no weight of it would be trained."""
        return not self.model.trainable_variables


def every_layer(model: Any) -> list[Any]:
    """All layers below a model, nested models before their own layers, each once."""
    return list(_walk(model, set()))


def _walk(layer: Any, seen: set[int]) -> Iterator[Any]:
    for inner in _children(layer):
        if id(inner) not in seen:
            seen.add(id(inner))
            yield inner
            yield from _walk(inner, seen)


def _children(layer: Any) -> list[Any]:
    flatten = getattr(layer, "_flatten_layers", None)
    return list(flatten(include_self=False, recursive=False)) if flatten is not None else []


def backbones_in(model: Any, trace: Trace) -> list[Backbone]:
    """The applications whose net, or whose layers, are in the model."""
    layers = {id(layer) for layer in every_layer(model)} | {id(model)}
    found: list[Backbone] = []
    for event in trace.of_kind("application"):
        net = event.result
        if net is None:
            continue
        if id(net) in layers:
            found.append(Backbone(event, net, True))
            continue
        own = [layer for layer in net.layers if layer.weights]
        used = [layer for layer in own if id(layer) in layers]
        # Some scripts cut the last layers off, so not all need be there.
        if own and len(used) >= max(1, len(own) // 3):
            found.append(Backbone(event, net, False))
    return found


def last_layer(model: Any) -> Any:
    """The layer that makes the model's output, inside nested models too; None where it cannot be told.

    Subclassed models have no graph to read: `probes.flow` tells what was called last.
    """
    layers = getattr(model, "_layers", None)
    if type(model).__name__ == "Sequential" and layers:
        inner = layers[-1]
        return last_layer(inner) if hasattr(inner, "_compile_loss") or hasattr(inner, "_nodes") else inner
    try:
        outputs = model.outputs
    except AttributeError:
        return None
    if not outputs or len(outputs) != 1:
        return None
    operation = getattr(outputs[0], "_keras_history", (None,))[0]
    if operation is not None and hasattr(operation, "_nodes"):
        return last_layer(operation)
    return operation


def activation_of(layer: Any) -> str | None:
    """The name of the function that a layer ends in: "softmax", "linear" and so on; None if unknown."""
    kind = type(layer).__name__
    if kind in ("Softmax", "ReLU", "LeakyReLU", "ELU", "PReLU"):
        return {"ReLU": "relu", "Softmax": "softmax", "LeakyReLU": "leaky_relu", "ELU": "elu"}.get(
            kind, "prelu"
        )
    activation = getattr(layer, "activation", None)
    if activation is None:
        return None
    return str(getattr(activation, "__name__", snake_name(activation)))


def snake_name(value: Any) -> str:
    """The class name of an object, in snake case."""
    from headstart.doctor.views.loss import snake

    return snake(type(value).__name__)
