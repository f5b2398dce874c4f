"""What holds for any model: the two halves are the whole, and training on features is training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headstart.core import backend
from headstart.frozen import find_boundary, fit
from headstart.frozen.change import why_it_changes

keras = backend.ensure()
L = keras.layers

SIDE, N, CLASSES = 6, 24, 3
KINDS = ("conv", "norm", "relu", "pool", "dropout", "branch", "nest", "twice", "operation")
X = np.random.default_rng(0).normal(size=(N, SIDE, SIDE, 2)).astype("float32")
Y = np.random.default_rng(1).integers(0, CLASSES, N)


@dataclass(frozen=True)
class Plan:
    """A model to be: its blocks, and how many of the first are frozen."""

    blocks: tuple[str, ...]
    frozen: int
    norm_frozen: bool
    head: str
    sequential_base: bool


plans = st.builds(
    Plan,
    blocks=st.lists(st.sampled_from(KINDS), min_size=1, max_size=5).map(tuple),
    frozen=st.integers(0, 5),
    norm_frozen=st.booleans(),
    head=st.sampled_from(("dense", "dropout", "norm")),
    sequential_base=st.booleans(),
)


def block(kind: str, x: Any, trainable: bool, plan: Plan) -> Any:
    if kind == "conv":
        return L.Conv2D(3, 3, padding="same", activation="tanh", trainable=trainable)(x)
    if kind == "norm":
        return L.BatchNormalization(trainable=trainable and not plan.norm_frozen)(x)
    if kind == "relu":
        return L.LeakyReLU()(x)
    if kind == "pool":
        return L.AveragePooling2D(2, strides=1, padding="same")(x)
    if kind == "dropout":
        return L.Dropout(0.3, seed=4)(x)
    if kind == "branch":
        left = L.Conv2D(2, 1, trainable=trainable)(x)
        right = L.Conv2D(2, 1, trainable=False)(x)
        return L.Concatenate()([left, right])
    if kind == "nest":
        entry = keras.Input(x.shape[1:])
        inside = L.Conv2D(3, 1, trainable=False)(entry)
        inside = L.Conv2D(3, 1, activation="tanh", trainable=trainable)(inside)
        return keras.Model(entry, inside)(x)
    if kind == "twice":
        shared = L.Conv2D(x.shape[-1], 1, padding="same", activation="tanh", trainable=trainable)
        return shared(shared(x))
    return keras.ops.tanh(x) * 2.0


def build(plan: Plan) -> Any:
    keras.utils.set_random_seed(3)
    entry = keras.Input((SIDE, SIDE, 2))
    x = L.Conv2D(3, 3, trainable=False)(entry) if plan.sequential_base else entry
    for position, kind in enumerate(plan.blocks):
        x = block(kind, x, position >= plan.frozen, plan)
    x = L.GlobalAveragePooling2D()(x)
    if plan.head == "dropout":
        x = L.Dropout(0.4, seed=9)(x)
    if plan.head == "norm":
        x = L.BatchNormalization()(x)
    model = keras.Model(entry, L.Dense(CLASSES, activation="softmax")(x))
    for layer in model.layers:
        if isinstance(layer, L.BatchNormalization):
            layer.moving_mean.assign(np.linspace(-0.1, 0.1, layer.moving_mean.shape[0]))
    return model


def numbers(variables: Any) -> list[np.ndarray]:
    return [np.array(keras.ops.convert_to_numpy(variable), dtype=np.float64) for variable in variables]


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plans)
def test_tail_of_trunk_is_the_model(both_ways, plan):
    model = build(plan)
    found = find_boundary(model)
    if not found.splits:
        assert found.reason
        return
    assert both_ways(model, found, [X[:4]]) < 1e-5
    trainable = {id(variable) for variable in model.trainable_variables}
    assert {id(variable) for variable in found.tail.trainable_variables} == trainable
    assert not found.trunk.trainable_variables
    assert all(why_it_changes(layer, True) is None for layer in found.trunk.layers)


@pytest.mark.gradients
@pytest.mark.slow
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(plan=plans)
def test_fit_is_model_fit(trainable_here, plan):
    results = []
    for train in (lambda model, *given, **how: model.fit(*given, **how), fit):
        model = build(plan)
        model.compile(
            keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"]
        )
        keras.utils.set_random_seed(11)
        history = train(model, X, Y, batch_size=10, epochs=2, validation_split=0.25, verbose=0)
        results.append((history.history, numbers(model.weights), numbers(model.optimizer.variables)))
    (told, weights, slots), (also, same_weights, same_slots) = results
    assert told.keys() == also.keys()
    for name in told:
        np.testing.assert_allclose(also[name], told[name], atol=5e-4, err_msg=f"{name} of {plan}")
    for one, other in zip(weights + slots, same_weights + same_slots, strict=True):
        np.testing.assert_allclose(other, one, atol=5e-4, err_msg=str(plan))
