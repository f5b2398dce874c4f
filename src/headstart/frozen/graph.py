"""A Keras model as a flat list of steps, and Keras models made from some of the steps again.

Nested models are opened only where it is needed: a base that is frozen as a whole stays one step, one that
is frozen in part is replaced by what is inside it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headstart.frozen import keras_inside

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Ref:
    """Stands for a tensor in the arguments of a step.

    Attributes:
        number: The tensor's number in its graph.
    """

    number: int


@dataclass(frozen=True)
class Step:
    """One call of a layer or operation.

    Attributes:
        operation: What is called.
        args: Positional arguments, tensors as `Ref`.
        kwargs: Keyword arguments, tensors as `Ref`.
        inputs: Numbers of the tensors that it takes.
        outputs: Numbers of the tensors that it gives.
        training: The training flag that it gets inside `fit`.
    """

    operation: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    training: bool | None


@dataclass
class Graph:
    """A model's steps in an order in which they can run.

    Attributes:
        inputs: Numbers of the model's input tensors, flat.
        outputs: Numbers of its output tensors, flat.
        steps: The calls between them.
        tensors: The symbolic tensor behind each number, for its shape, type and mask.
    """

    inputs: list[int] = field(default_factory=list)
    outputs: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    tensors: list[Any] = field(default_factory=list)

    def add(self, tensor: Any) -> int:
        """Gives a tensor its number."""
        self.tensors.append(tensor)
        return len(self.tensors) - 1


def flatten(model: keras.Model, keep_whole: Callable[[Any, bool | None], bool]) -> Graph | None:
    """The steps of a model.

    Args:
        model: A Sequential or functional model that is built.
        keep_whole: Told a nested model and its training flag; whether it stays one step.

    Returns:
        The graph, or None where the model's `call` is its own.
    """
    inner = keras_inside.functional(model)
    if inner is None:
        return None
    graph = Graph()
    numbers = {id(tensor): graph.add(tensor) for tensor in inner.inputs}
    graph.inputs = [numbers[id(tensor)] for tensor in inner.inputs]
    _walk(inner, graph, numbers, True, keep_whole)
    graph.outputs = [numbers[id(tensor)] for tensor in inner.outputs]
    return graph


def _walk(
    inner: Any,
    graph: Graph,
    numbers: dict[int, int],
    training: bool | None,
    keep_whole: Callable[[Any, bool | None], bool],
) -> None:
    import keras

    for node in keras_inside.nodes(inner):
        here = _training(node, training)
        nested = _opened(node, numbers, graph, keep_whole, here)
        if nested is not None:
            own = {id(t): numbers[id(s)] for t, s in zip(nested.inputs, _tensors(node), strict=True)}
            _walk(nested, graph, own, here, keep_whole)
            for tensor, inside in zip(node.outputs, nested.outputs, strict=True):
                numbers[id(tensor)] = own[id(inside)]
            continue

        def as_ref(leaf: Any, numbers: dict[int, int] = numbers) -> Any:
            return Ref(numbers[id(leaf)]) if isinstance(leaf, keras.KerasTensor) else leaf

        args, kwargs = keras.tree.map_structure(as_ref, (node.args, node.kwargs))
        inputs = tuple(leaf.number for leaf in keras.tree.flatten((args, kwargs)) if isinstance(leaf, Ref))
        for tensor in node.outputs:
            numbers[id(tensor)] = graph.add(tensor)
        outputs = tuple(numbers[id(tensor)] for tensor in node.outputs)
        if here is not True and keras_inside.is_layer(node.operation):
            kwargs = {**kwargs, "training": here}
        graph.steps.append(Step(node.operation, args, kwargs, inputs, outputs, here))


def _training(node: keras_inside.Node, outer: bool | None) -> bool | None:
    explicit = node.kwargs.get("training")
    if explicit is None or not keras_inside.explicit_training_wins():
        return outer
    return bool(explicit)


def _opened(
    node: keras_inside.Node,
    numbers: dict[int, int],
    graph: Graph,
    keep_whole: Callable[[Any, bool | None], bool],
    training: bool | None,
) -> Any | None:
    """The graph inside a nested model that is to be opened; None where it stays one step."""
    import keras

    if not isinstance(node.operation, keras.Model) or keep_whole(node.operation, training):
        return None
    inner = keras_inside.functional(node.operation)
    given = _tensors(node)
    if inner is None or len(given) != len(inner.inputs) or len(node.args) != 1:
        return None
    # A model casts and reshapes what it is given; where that would happen, it stays one step.
    for tensor, expected in zip(given, inner.inputs, strict=True):
        outer = graph.tensors[numbers[id(tensor)]]
        if outer.dtype != expected.dtype or len(outer.shape) != len(expected.shape):
            return None
    return inner


def _tensors(node: keras_inside.Node) -> list[Any]:
    import keras

    leaves = keras.tree.flatten((node.args, node.kwargs))
    return [leaf for leaf in leaves if isinstance(leaf, keras.KerasTensor)]


def rebuild(
    graph: Graph,
    steps: Iterable[Step],
    entries: Mapping[int, str],
    exits: Sequence[int],
    pack: Callable[[list[Any]], Any],
    as_dict: bool,
    name: str,
) -> keras.Model:
    """A Keras model from some steps of a graph; it shares the layers.

    Args:
        graph: Where the steps come from.
        steps: Which ones, in order.
        entries: The tensors that become its inputs, with their names.
        exits: The tensors that become its outputs.
        pack: How the outputs are nested.
        as_dict: Whether its inputs are a dict by name; else a list, or the one.
        name: The model's name.
    """
    import keras

    values: dict[int, Any] = {}
    inputs = {}
    for number, entry in entries.items():
        tensor = graph.tensors[number]
        inputs[entry] = values[number] = keras.Input(batch_shape=tensor.shape, dtype=tensor.dtype, name=entry)

    def filled(leaf: Any) -> Any:
        return values[leaf.number] if isinstance(leaf, Ref) else leaf

    steps = list(steps)
    for step in steps:
        args, kwargs = keras.tree.map_structure(filled, (step.args, step.kwargs))
        given = step.operation(*args, **kwargs)
        values.update(zip(step.outputs, keras.tree.flatten(given), strict=True))
    listed = list(inputs.values())
    entry_struct: Any = inputs if as_dict else (listed[0] if len(listed) == 1 else listed)
    with _distinct_names([step.operation for step in steps], set(inputs)):
        return keras.Model(entry_struct, pack([values[number] for number in exits]), name=name)


def distinct_names(model: keras.Model) -> contextlib.AbstractContextManager[None]:
    """Lends distinct names to the layers of a model while it is saved, which goes by names."""
    import keras

    # Inputs first: those keep their names.
    operations = sorted(model.operations, key=lambda one: not isinstance(one, keras.layers.InputLayer))
    return _distinct_names(operations, set())


@contextlib.contextmanager
def _distinct_names(operations: Sequence[Any], taken: set[str]) -> Iterator[None]:
    """Lends names to layers that share one, for Keras wants them distinct while it puts a model together.

    Layers with one name can meet when a nested model is opened.
    """
    renamed: list[tuple[Any, str]] = []
    seen: dict[int, Any] = {id(operation): operation for operation in operations}
    try:
        for operation in seen.values():
            if operation.name in taken:
                renamed.append((operation, operation.name))
                operation.name = f"{operation.name}__{len(renamed)}"
            taken.add(operation.name)
        yield
    finally:
        for operation, name in renamed:
            operation.name = name
