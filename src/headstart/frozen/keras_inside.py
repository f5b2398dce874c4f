"""The few things of Keras that have no public name, in one place.

Everything here was read in Keras 3.15. The tests of this room run it on each backend, so that a Keras that
changes one of them is noticed here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Node:
    """One call of an operation in a functional graph.

    Attributes:
        operation: The layer or operation that was called.
        args: Its positional arguments; tensors stand in it as `keras.KerasTensor`.
        kwargs: Its keyword arguments, likewise.
        outputs: Its symbolic outputs.
    """

    operation: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: tuple[Any, ...]


def functional(model: keras.Model) -> Any | None:
    """The graph behind a model, or None where its `call` is its own and no graph describes it."""
    import keras
    from keras.src.models.functional import Functional

    own = type(model)
    if isinstance(model, keras.Sequential):
        return model._functional if own.call is keras.Sequential.call else None
    return model if isinstance(model, Functional) and own.call is Functional.call else None


def nodes(graph: Any) -> Iterator[Node]:
    """The calls of a functional graph in the order in which Keras runs them, inputs left out."""
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for node in graph._nodes_by_depth[depth]:
            if node.operation is not None and not node.is_input:
                yield Node(
                    node.operation,
                    tuple(node.arguments.args),
                    dict(node.arguments.kwargs),
                    tuple(node.outputs),
                )


def structure(graph: Any, of: str) -> Any:
    """How a functional graph's 'inputs' or 'outputs' are nested (a tensor, a list, a dict)."""
    return graph._inputs_struct if of == "inputs" else graph._outputs_struct


def is_layer(operation: object) -> bool:
    """Whether an operation is a layer; the rest are `keras.ops` without state."""
    import keras

    return isinstance(operation, keras.Layer)


def parts(layer: Any) -> list[Any]:
    """A layer and all layers inside it."""
    return list(layer._flatten_layers(include_self=True, recursive=True))


def seed_generators(layer: Any) -> int:
    """How many random streams a layer itself owns, its sublayers' left out."""
    from keras.src.random.seed_generator import SeedGenerator

    return sum(isinstance(value, SeedGenerator) for value in vars(layer).values())


def own_metrics(layer: Any) -> int:
    """How many metrics a layer itself keeps."""
    return len(getattr(layer, "_metrics", ()))


def has_mask(tensor: Any) -> bool:
    """Whether a symbolic tensor carries a mask (as after `Masking` or `Embedding(mask_zero=True)`)."""
    return getattr(tensor, "_keras_mask", None) is not None


def overridden(model: keras.Model) -> list[str]:
    """The steps of training that a model's class does in its own way, by name."""
    import keras

    names = (
        "fit",
        "train_step",
        "test_step",
        "compute_loss",
        "compute_metrics",
        "make_train_function",
        "__call__",
    )
    return [name for name in names if getattr(type(model), name) is not getattr(keras.Model, name)]


def distributed(model: keras.Model) -> bool:
    """Whether the model trains on several devices through Keras's or TensorFlow's distribution."""
    import keras

    return (
        keras.distribution.distribution() is not None
        or getattr(model, "_distribute_strategy", None) is not None
    )


def are_arrays(x: Any, y: Any, sample_weight: Any) -> bool:
    """Whether Keras would take these as arrays, which it shuffles and splits itself."""
    from keras.src.trainers.data_adapters.array_data_adapter import can_convert_arrays

    return bool(can_convert_arrays((x, y, sample_weight)))


def adapter(x: Any, y: Any, sample_weight: Any, **how: Any) -> Any:
    """What Keras itself would read this data with."""
    from keras.src.trainers.data_adapters import get_data_adapter

    return get_data_adapter(x, y=y, sample_weight=sample_weight, **how)


def adapter_class() -> Any:
    """The class that `model.fit` accepts as data and asks for batches as they are."""
    from keras.src.trainers.data_adapters.data_adapter import DataAdapter

    return DataAdapter


_EXPLICIT: list[bool] = []


def explicit_training_wins() -> bool:
    """Whether `layer(x, training=False)` in a functional model still holds inside `fit`.

    Measured, not assumed: in Keras 3.15 the training flag of the outer call overrides it, so that a Dropout
    in a base called with `training=False` drops all the same.
    """
    if not _EXPLICIT:
        import keras
        import numpy as np

        class Echo(keras.layers.Layer):  # type: ignore[misc, unused-ignore]
            def call(self, x: Any, training: bool | None = None) -> Any:
                return x * (0.0 if training else 1.0)

        entry = keras.Input((1,))
        probe = keras.Model(entry, Echo()(entry, training=False))
        answer = keras.ops.convert_to_numpy(probe(np.ones((1, 1), "float32"), training=True))
        _EXPLICIT.append(bool(answer[0, 0] == 1.0))
    return _EXPLICIT[0]
