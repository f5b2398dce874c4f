"""Finds, in any built Keras model, the longest part that cannot change during training.

A tensor is frozen where it is a fixed function of the model's inputs: all that it is made from is frozen,
and the layer that makes it has nothing to train, draws nothing at random, moves no statistics and adds no
loss. The trunk is all of that; what it hands over are the frozen tensors that the rest takes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from headstart.core import hashing
from headstart.frozen import keras_inside
from headstart.frozen.arithmetic import side
from headstart.frozen.change import is_augmentation, unproven, why_it_changes
from headstart.frozen.graph import Graph, Step, flatten, rebuild
from headstart.frozen.records import Boundary, Cut

if TYPE_CHECKING:
    import keras

RAW = "input"
KEPT = "feature"


def find(model: keras.Model, views: bool = False) -> Boundary:
    """Where a model stops being a function of its input alone.

    Args:
        model: A Keras model. Whether it is compiled does not matter here.
        views: Whether random augmentation layers may belong to the trunk, because a few of their outcomes
            are kept for each picture.

    Returns:
        The boundary; where nothing can be split, it holds the reason. The model itself is not changed, but
        its layers are called once more on symbolic tensors.
    """
    import keras

    if not isinstance(model, keras.Model):
        return _none(f"A Keras model can be split, and this is a {type(model).__name__}")
    if not model.built:
        return _none("The model is not built, so its layers have no weights and no shapes yet")
    graph = flatten(model, lambda nested, training: why_it_changes(nested, training, views) is None)
    if graph is None:
        return _none(
            f"The model's call is its own code ({type(model).__name__}.call): no graph tells its parts"
        )
    if any(tensor.shape[0] is not None for tensor in (graph.tensors[number] for number in graph.inputs)):
        return _none(
            "The model's input fixes the batch size, and features are computed in batches of their own"
        )
    return _split(model, graph, views)


def _split(model: keras.Model, graph: Graph, views: bool) -> Boundary:
    frozen, blockers = _frozen_steps(graph, views)
    if len(frozen) == len(graph.steps) or not model.trainable_weights:
        return _none("Nothing is left to train: no layer has trainable weights")
    cuts = _smallest_cut(graph, frozen)
    trunk_steps = _leading_to(graph, frozen, cuts)
    if not any(_weights(step) for step in trunk_steps):
        first = blockers[0] if blockers else "its first layer is not frozen"
        return _none(f"No layer with weights is frozen before the first that can change: {first}", blockers)
    return _build(model, graph, frozen, cuts, trunk_steps, blockers, views)


def _frozen_steps(graph: Graph, views: bool) -> tuple[set[int], list[str]]:
    """Positions of the frozen steps, and why the frozen part ends where it ends."""
    fixed = set(graph.inputs)
    frozen: set[int] = set()
    blockers: list[str] = []
    for position, step in enumerate(graph.steps):
        if not step.inputs or not fixed.issuperset(step.inputs):
            continue
        reason = why_it_changes(step.operation, step.training, views) or _why_not_kept(graph, step)
        if reason is None:
            frozen.add(position)
            fixed.update(step.outputs)
        else:
            blockers.append(f"'{step.operation.name}' {reason}")
    return frozen, blockers


def _why_not_kept(graph: Graph, step: Step) -> str | None:
    """Why the outputs of a fixed step cannot be kept a sample at a time."""
    for tensor in (graph.tensors[number] for number in step.outputs):
        if keras_inside.has_mask(tensor):
            return "hands on a mask, which features cannot carry"
        if tensor.sparse or getattr(tensor, "ragged", False):
            return "gives a sparse or ragged tensor"
        if not tensor.shape or tensor.shape[0] is not None:
            return "does not give one row a sample"
    return None


def _crossing(graph: Graph, frozen: set[int]) -> list[int]:
    """The frozen tensors, inputs included, that the rest takes or that are outputs of the model."""
    made = set(graph.inputs).union(*(graph.steps[position].outputs for position in frozen))
    taken = set(graph.outputs).union(
        *(step.inputs for position, step in enumerate(graph.steps) if position not in frozen)
    )
    return sorted(made & taken)


def _smallest_cut(graph: Graph, frozen: set[int]) -> list[int]:
    """The crossing tensors, after steps without weights that only make them larger went to the tail."""
    cuts = _crossing(graph, frozen)
    for position in sorted(frozen, reverse=True):
        step = graph.steps[position]
        if _weights(step) or not set(step.outputs) & set(cuts):
            continue
        without = _crossing(graph, frozen - {position})
        before, after = _numbers(graph, cuts), _numbers(graph, without)
        if before is not None and after is not None and after < before and _draws_nothing(step):
            frozen.remove(position)
            cuts = without
    return cuts


def _numbers(graph: Graph, cuts: Iterable[int]) -> int | None:
    """How many numbers a sample's features hold, the model's own inputs left out; None where not known."""
    shapes = [graph.tensors[number].shape[1:] for number in cuts if number not in graph.inputs]
    if any(size is None for shape in shapes for size in shape):
        return None
    return sum(int(math.prod(shape)) for shape in shapes)


def _leading_to(graph: Graph, frozen: set[int], cuts: Iterable[int]) -> list[Step]:
    """The frozen steps that the cut tensors are made by."""
    wanted = set(cuts)
    steps: list[Step] = []
    for position in sorted(frozen, reverse=True):
        step = graph.steps[position]
        if wanted.intersection(step.outputs):
            wanted.update(step.inputs)
            steps.append(step)
    return steps[::-1]


def _build(
    model: keras.Model,
    graph: Graph,
    frozen: set[int],
    cuts: list[int],
    trunk_steps: list[Step],
    blockers: list[str],
    views: bool,
) -> Boundary:
    import keras

    kept = [number for number in cuts if number not in graph.inputs]
    raw = [number for number in cuts if number in graph.inputs]
    taken = {number for step in trunk_steps for number in step.inputs}
    trunk_inputs = tuple(at for at, number in enumerate(graph.inputs) if number in taken)
    tail_steps = [step for at, step in enumerate(graph.steps) if at not in frozen]
    # The names tell two boundaries in one model apart, so that what Keras traced for one never serves the
    # other.
    digest = hashing.of_settings({"trunk": [step.operation.name for step in trunk_steps], "cuts": cuts})[:8]
    names = {number: f"{KEPT}_{digest}_{at}" for at, number in enumerate(kept)}
    names |= {number: f"{RAW}_{digest}_{at}" for at, number in enumerate(raw)}
    makers = {number: step.operation.name for step in trunk_steps for number in step.outputs}
    inner = keras_inside.functional(model)
    assert inner is not None
    outputs = keras_inside.structure(inner, "outputs")
    trunk = rebuild(
        graph,
        trunk_steps,
        {graph.inputs[at]: inner.inputs[at].name for at in trunk_inputs},
        kept,
        lambda tensors: tensors[0] if len(tensors) == 1 else tensors,
        as_dict=False,
        name="trunk",
    )
    tail = rebuild(
        graph,
        tail_steps,
        {number: names[number] for number in kept + raw},
        graph.outputs,
        lambda tensors: keras.tree.pack_sequence_as(outputs, tensors),
        as_dict=True,
        name="tail",
    )
    return Boundary(
        trunk=trunk,
        tail=tail,
        reason=None,
        cuts=tuple(
            Cut(
                names[number],
                makers.get(number, graph.tensors[number].name),
                tuple(graph.tensors[number].shape[1:]),
                str(graph.tensors[number].dtype),
                number in raw,
            )
            for number in kept + raw
        ),
        trunk_inputs=trunk_inputs,
        frozen=side(trunk, [step.operation for step in trunk_steps]),
        trained=side(tail, [step.operation for step in tail_steps]),
        blockers=tuple(blockers),
        unproven=tuple(step.operation.name for step in trunk_steps if unproven(step.operation)),
        augmenting=tuple(_augmenting(trunk_steps)) if views else (),
        notes=tuple(_overridden_flags(model)),
    )


def _augmenting(steps: list[Step]) -> list[str]:
    layers = [step.operation for step in steps if keras_inside.is_layer(step.operation)]
    return [part.name for layer in layers for part in keras_inside.parts(layer) if is_augmentation(part)]


def _overridden_flags(model: keras.Model) -> list[str]:
    """Says where `training=False` is written and does not hold."""
    import keras

    notes = []
    for node in keras_inside.nodes(keras_inside.functional(model)):
        # A plain layer records its own default here; a nested model only what was written.
        written = isinstance(node.operation, keras.Model) and node.kwargs.get("training") is False
        if not written or keras_inside.explicit_training_wins():
            continue
        reason = why_it_changes(node.operation, True)
        if reason is not None and why_it_changes(node.operation, False) is None:
            notes.append(
                f"'{node.operation.name}' is called with training=False, which Keras {keras.__version__} "
                f"overrides inside fit: it {reason}"
            )
    return notes


def _weights(step: Step) -> bool:
    return keras_inside.is_layer(step.operation) and bool(step.operation.weights)


def _draws_nothing(step: Step) -> bool:
    return why_it_changes(step.operation, step.training) is None


def _none(reason: str, blockers: Iterable[str] = ()) -> Boundary:
    return Boundary(trunk=None, tail=None, reason=reason, blockers=tuple(blockers))
