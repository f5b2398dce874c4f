"""The key of a trunk: equal for equal functions, whatever the process, the platform and the Keras backend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from headstart.core import backend, hashing

_SILENT = frozenset(
    {
        "name",
        "trainable",
        "build_config",
        "registered_name",
        "module",
        "batch_shape",
        "optional",
        "sparse",
        "ragged",
        "synchronized",
        "momentum",
        "seed",
    }
)
"""Entries of a layer's configuration that change nothing in what it computes at inference."""

_SILENT_ENDINGS = ("_initializer", "_regularizer", "_constraint", "initializer", "regularizer", "constraint")


def of_model(model: Any) -> str:
    """SHA-256 over a functional model's graph, settings and weights; names do not count.

    Args:
        model: A Keras functional model with float32 weights.
    """
    to_numpy = backend.ensure().ops.convert_to_numpy
    weights = (np.asarray(to_numpy(variable), "<f4") for variable in model.weights)
    return hashing.of_settings({"graph": _graph(model.get_config()), "weights": hashing.of_arrays(weights)})


def _graph(config: Mapping[str, Any]) -> dict[str, object]:
    """A model's configuration with each layer's name replaced by its place."""
    place = {layer["name"]: index for index, layer in enumerate(config["layers"])}
    layers = [
        {
            "class": layer["class_name"],
            "config": _plain(layer["config"], place),
            "inputs": _plain(layer.get("inbound_nodes", []), place),
            "shape": layer["config"].get("batch_shape"),
        }
        for layer in config["layers"]
    ]
    return {"layers": layers, "outputs": _places(config["output_layers"], place)}


def _plain(value: Any, place: Mapping[str, int]) -> Any:
    """Keeps what bears on the result: no names, no initial values, no entries that are None."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            return {"tensor": _places(value["config"]["keras_history"], place)}
        if value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        if "layers" in value and "build_input_shape" in value:  # a nested Sequential has no graph
            return [_plain(layer, {}) for layer in value["layers"]]
        return {
            str(key): _plain(entry, place)
            for key, entry in value.items()
            if entry is not None and key not in _SILENT and not str(key).endswith(_SILENT_ENDINGS)
        }
    if isinstance(value, (list, tuple)):
        return [_plain(entry, place) for entry in value]
    return value


def _places(value: Any, place: Mapping[str, int]) -> Any:
    if isinstance(value, (list, tuple)):
        return [_places(entry, place) for entry in value]
    return place.get(value, value) if isinstance(value, str) else value
