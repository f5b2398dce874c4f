"""Builds the layers of a backbone behind its preprocessing, in one flat graph, with values still random."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headstart.backbones import litenet, names, preprocessing
from headstart.backbones.records import Backbone
from headstart.core import backend


@dataclass(frozen=True)
class Network:
    """A backbone's layers.

    Attributes:
        full: Keras model from raw pixels to features.
        core: Keras model from preprocessed pixels to features, over the same layers: the network as its
            publisher has it, to load weights into.
    """

    full: Any
    core: Any


def build(backbone: Backbone, input_size: int, pooling: bool = True) -> Network:
    """Builds a backbone with random weights.

    Args:
        backbone: The record.
        input_size: Side of the square input in pixels.
        pooling: Whether the features are averaged over space.
    """
    keras = backend.ensure()
    with _plain_settings():
        pixels = keras.Input((input_size, input_size, 3), dtype="float32", name="pixels")
        prepared = preprocessing.apply(backbone.preprocessing, pixels)
        outputs = _lite(backbone, prepared) if backbone.application is None else _keras(backbone, prepared)
        title = backbone.name.replace("-", "_").replace(".", "_")
        core = keras.Model(prepared, outputs, name=title)
        if not pooling:
            outputs = before_pooling(keras.Model(pixels, outputs))
        full = keras.Model(pixels, outputs, name=title)
        names.settle(full)
        full.trainable = False
    return Network(full, core)


def before_pooling(model: Any) -> Any:
    """The Keras tensor of the feature map, (n, rows, columns, width), that the model averages over space."""
    keras = backend.ensure()
    last = [layer for layer in model.layers if isinstance(layer, keras.layers.GlobalAveragePooling2D)][-1]
    return last.input


def arguments(backbone: Backbone) -> dict[str, float | bool]:
    """What keras.applications is asked for beyond the network's name."""
    asked: dict[str, float | bool] = {}
    if backbone.alpha is not None:
        asked["alpha"] = backbone.alpha
    if backbone.minimalistic:
        asked["minimalistic"] = True
    return asked


def _keras(backbone: Backbone, prepared: Any) -> Any:
    keras = backend.ensure()
    maker = getattr(keras.applications, str(backbone.application))
    shape = tuple(prepared.shape[1:])
    made = maker(
        include_top=False,
        weights=None,
        input_tensor=prepared,
        input_shape=shape,
        pooling="avg",
        **arguments(backbone),
    )
    return made.output


def _lite(backbone: Backbone, prepared: Any) -> Any:
    keras = backend.ensure()
    features = litenet.network(backbone.name, prepared)
    return keras.layers.GlobalAveragePooling2D(name="pooling")(features)


@contextlib.contextmanager
def _plain_settings() -> Iterator[None]:
    """Channels last and float32, whatever keras.json or the caller has set."""
    keras = backend.ensure()
    order, policy = keras.config.image_data_format(), keras.config.dtype_policy()
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_image_data_format(order)
        keras.config.set_dtype_policy(policy)
