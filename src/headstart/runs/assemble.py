"""Trunk and head become one Keras model: raw RGB in, probabilities out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.backbones import Trunk
from headstart.core import backend
from headstart.heads.records import Head

if TYPE_CHECKING:
    import keras


def assemble(trunk: Trunk, head: Head) -> keras.Model:
    """Builds the model that is saved, from built-in Keras layers only.

    It shares the trunk's layers. Input: RGB 0..255, shape (n, height, width, 3). Output:
    probabilities, shape (n, classes).

    Args:
        trunk: From raw pixels to features.
        head: From features to probabilities.
    """
    keras = backend.ensure()
    values = trunk.model.output
    last = len(head.layers) - 1
    for place, layer in enumerate(head.layers):
        name = "probabilities" if place == last else f"head_{place + 1}"
        dense = keras.layers.Dense(len(layer.bias), activation=layer.activation, name=name, dtype="float32")
        values = dense(values)
        dense.set_weights([layer.kernel, layer.bias])
        if layer.dropout:
            values = keras.layers.Dropout(layer.dropout, name=f"dropout_{place + 1}")(values)
    return keras.Model(trunk.model.inputs, values, name=_model_name(trunk))


def _model_name(trunk: Trunk) -> str:
    return trunk.backbone.name.replace("-", "_").replace(".", "_") + "_classifier"
