"""The key of a trunk: equal keys give equal features, in another process and under other layer names too."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.core import hashing
from headstart.frozen import keras_inside
from headstart.frozen.graph import Ref, flatten

if TYPE_CHECKING:
    import keras

# What a layer's settings say about names and about training, which features do not depend on.
_IDLE = {"name", "trainable", "build_config", "compile_config", "shared_object_id", "seed", "synchronized"}
_IDLE_ENDS = ("_initializer", "_regularizer", "_constraint")


def of_trunk(trunk: keras.Model) -> str | None:
    """The key of a trunk's architecture and weights, or None where its code cannot be read.

    Auto-numbered names ('dense_3') differ from script to script and do not count. The code of layers that are
    not Keras's counts as text, for their settings do not tell what they do.
    """
    try:
        architecture = json.dumps(_architecture(trunk), sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, OSError, NotImplementedError):
        return None
    weights = hashing.of_arrays(np.asarray(weight) for weight in _ordered_weights(trunk))
    return hashing.of_settings({"architecture": architecture, "weights": weights})


def _architecture(model: keras.Model) -> list[Any]:
    import keras

    graph = flatten(model, _opened)
    if graph is None:
        return _of_operation(model)

    def wired(leaf: Any) -> Any:
        if isinstance(leaf, Ref):
            return f"tensor {leaf.number}"
        return str(leaf) if isinstance(leaf, np.dtype | slice) or leaf is Ellipsis else leaf

    described: list[Any] = [
        [[str(t.dtype), list(t.shape)] for t in (graph.tensors[number] for number in graph.inputs)],
        graph.outputs,
    ]
    for step in graph.steps:
        arguments = keras.tree.map_structure(wired, (step.args, dict(step.kwargs)))
        arguments[1].pop("training", None)
        described.append([_of_operation(step.operation), arguments])
    return described


def _of_operation(operation: Any) -> list[Any]:
    own = type(operation)
    if keras_inside.is_layer(operation):
        config = operation.get_config()
    else:
        config = {key: value for key, value in vars(operation).items() if not key.startswith("_")}
        config = {
            key: str(value) if isinstance(value, np.dtype | slice) else value for key, value in config.items()
        }
    described = [f"{own.__module__}.{own.__qualname__}", _plain(config)]
    if not own.__module__.startswith("keras."):
        described += _code(own)
    return described


def _code(own: type) -> list[str]:
    """The text of a class's functions, and of those that it inherits from classes that are not Keras's.

    Raises:
        OSError: If a text is not to be had, as for code typed into an interpreter.
    """
    texts = []
    for base in own.__mro__:
        if base is object or base.__module__.split(".")[0] in ("keras", "tensorflow", "torch", "jax", "flax"):
            break
        # One by one, for a class that was defined twice under one name is looked up by its name.
        for name, value in sorted(vars(base).items()):
            if inspect.isfunction(value):
                texts.append(f"{name}: {inspect.getsource(value)}")
    return texts


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            str(key): _plain(item)
            for key, item in value.items()
            if key not in _IDLE and not str(key).endswith(_IDLE_ENDS)
        }
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return value


def _ordered_weights(model: keras.Model) -> list[Any]:
    """The weights in the order in which the layers run, each once."""
    import keras

    graph = flatten(model, _opened)
    operations = [model] if graph is None else [step.operation for step in graph.steps]
    seen: dict[int, Any] = {}
    for operation in operations:
        if keras_inside.is_layer(operation):
            seen.update((id(weight), weight) for weight in operation.weights)
    return [keras.ops.convert_to_numpy(weight) for weight in seen.values()]


def _opened(nested: Any, training: bool | None) -> bool:
    """Keeps no nested model whole: what is inside counts, not how it is wrapped."""
    del nested, training
    return False
