"""`headstart.fit` on an engine other than Keras: the same training, and Keras wherever that cannot be."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pytest

from headstart.core import backend
from headstart.core.errors import EngineError, SettingsError
from headstart.engines.openvino import processor
from headstart.frozen import fit, opening, selection, trial
from headstart.frozen.trial import Outcome, Tried, fastest, recalled

keras = backend.ensure()
L = keras.layers

pytestmark = pytest.mark.gradients
N = 24


@pytest.fixture
def openvino_wins(trainable_here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small work is tried too, and any speed will do."""
    monkeypatch.setattr(selection, "SMALL", 0)
    monkeypatch.setattr(selection, "WORTH", 0.0)
    monkeypatch.setattr(trial, "GAIN", 0.0)
    monkeypatch.setattr(trial, "SECONDS", 0.0)


@pytest.fixture
def no_export(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise EngineError("One can be exported", "one that cannot", "use Keras")

    monkeypatch.setattr(opening, "export_saved", fails)


def one_input(make_frozen: Any) -> Any:
    entry = keras.Input((10, 10, 3))
    x = L.Dropout(0.3, seed=5)(L.GlobalAveragePooling2D()(make_frozen()(entry)))
    return keras.Model(entry, L.Dense(3, activation="softmax")(x))


def several(make_frozen: Any) -> Any:
    """Two pictures and a vector in; maps, a vector and a raw input across; layers that share a name."""
    left, right, side = (
        keras.Input((10, 10, 3), name="left"),
        keras.Input((10, 10, 3), name="right"),
        keras.Input((4,), name="b"),
    )
    maps = make_frozen(name="one")(left)
    other = L.GlobalAveragePooling2D()(make_frozen(name="two")(right))
    fixed = L.Dense(5, activation="tanh", trainable=False)(side)
    x = L.GlobalAveragePooling2D()(L.Conv2D(4, 3)(maps))
    x = L.Concatenate()([x, L.Dense(4)(other), L.Dense(2)(fixed), side])
    return keras.Model([right, left, side], L.Dense(3, activation="softmax")(x))


def data(model: Any) -> tuple[Any, np.ndarray]:
    random = np.random.default_rng(1)
    arrays = [random.normal(size=(N, *tensor.shape[1:])).astype("float32") for tensor in model.inputs]
    return (arrays[0] if len(arrays) == 1 else arrays), random.integers(0, 3, N)


def trained(
    make: Any, train: Any, as_data: Any = None, **how: Any
) -> tuple[dict[str, list[float]], list[np.ndarray], Any]:
    keras.utils.set_random_seed(3)
    model = make()
    model.compile(
        keras.optimizers.SGD(0.1, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    x, y = data(model)
    keras.utils.set_random_seed(7)
    if as_data is None:
        history = train(model, x, y, batch_size=7, epochs=3, validation_split=0.25, verbose=0, **how)
    else:
        history = train(model, as_data(x, y), epochs=3, verbose=0, **how)
    weights = [
        np.array(keras.ops.convert_to_numpy(weight)) for weight in model.weights + model.optimizer.variables
    ]
    drawn = [
        float(np.random.uniform()),
        float(keras.ops.convert_to_numpy(keras.random.uniform((), seed=None))),
    ]
    return history.history | {"drawn": drawn}, weights, getattr(history, "headstart", None)


def plainly(model: Any, *given: Any, **how: Any) -> Any:
    return model.fit(*given, **how)


def same(one: Any, other: Any) -> None:
    for name, values in one[0].items():
        np.testing.assert_allclose(other[0][name], values, atol=2e-4, err_msg=name)
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_allclose(b, a, atol=2e-4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [one_input, several])
def test_training_is_the_same_and_the_engine_remembered(openvino_wins, make_frozen, kind, monkeypatch):
    expected = trained(lambda: kind(make_frozen), plainly)
    ours = trained(lambda: kind(make_frozen), fit)
    same(expected, ours)
    report = ours[2]
    assert (report.engine.engine, report.engine.precision) == ("openvino", "f32"), report.engine
    assert report.engine.tried[1].largest_difference < 1e-4
    assert (report.computed, report.found) == (N, 0)

    def forbidden(*_: Any) -> None:
        raise AssertionError("nothing is to be exported")

    monkeypatch.setattr(opening, "export_saved", forbidden)
    again = trained(lambda: kind(make_frozen), fit)
    same(expected, again)
    assert (again[2].computed, again[2].found) == (0, N)
    assert again[2].engine == report.engine


@pytest.mark.slow
def test_a_stream_is_computed_by_it_while_the_model_trains(openvino_wins, make_frozen):
    class Batches(keras.utils.PyDataset):
        def __init__(self, x, y):
            super().__init__()
            self.x, self.y = x, y

        def __len__(self):
            return 4

        def __getitem__(self, at):
            return self.x[at * 6 : at * 6 + 6], self.y[at * 6 : at * 6 + 6]

    expected = trained(lambda: one_input(make_frozen), plainly, Batches, shuffle=False)
    ours = trained(lambda: one_input(make_frozen), fit, Batches, shuffle=False)
    same(expected, ours)
    assert ours[2].engine.engine == "openvino"
    assert ours[2].computed == N


@pytest.mark.slow
def test_an_engine_that_disagrees_is_not_used_and_that_is_said(
    openvino_wins, make_frozen, monkeypatch, caplog
):
    monkeypatch.setattr(trial, "LARGEST_DIFFERENCE", -1.0)
    with caplog.at_level(logging.WARNING, "headstart"):
        ours = trained(lambda: one_input(make_frozen), fit)
    assert ours[2].engine.engine == "keras"
    assert "openvino f32 is not used" in caplog.text
    assert "least cosine" in caplog.text
    same(trained(lambda: one_input(make_frozen), plainly), ours)


@pytest.mark.slow
def test_bf16_is_used_where_it_is_asked_for(openvino_wins, make_frozen):
    if not processor.native_bf16():
        pytest.skip("this processor does not compute in bf16 natively")
    ours = trained(lambda: one_input(make_frozen), fit, precision="bf16")
    assert (ours[2].engine.engine, ours[2].engine.precision) == ("openvino", "bf16")
    exact = trained(lambda: one_input(make_frozen), fit)
    assert exact[2].engine.precision == "f32"
    assert exact[2].computed == N, "features in bf16 are not those in f32"
    np.testing.assert_allclose(ours[0]["loss"], exact[0]["loss"], atol=0.05)
    either = trained(lambda: one_input(make_frozen), fit, precision="auto")
    assert [one.name for one in either[2].engine.tried] == ["keras f32", "openvino f32", "openvino bf16"]


def test_little_work_goes_to_keras_at_once(trainable_here, make_frozen, no_export):
    ours = trained(lambda: one_input(make_frozen), fit)
    assert ours[2].engine == Outcome("keras", "f32", "The work is small")


def test_work_that_is_short_for_keras_is_timed_and_not_exported(
    trainable_here, make_frozen, no_export, monkeypatch
):
    monkeypatch.setattr(selection, "SMALL", 0)
    ours = trained(lambda: one_input(make_frozen), fit)
    assert ours[2].engine.reason == "The work is small"
    assert [one.name for one in ours[2].engine.tried] == ["keras f32"]


def test_an_export_that_fails_leaves_keras(openvino_wins, make_frozen, no_export):
    expected = trained(lambda: one_input(make_frozen), plainly)
    ours = trained(lambda: one_input(make_frozen), fit)
    same(expected, ours)
    assert ours[2].engine.engine == "keras"
    assert "one that cannot" in ours[2].engine.reason
    with pytest.raises(EngineError, match="one that cannot"):
        trained(lambda: one_input(make_frozen), fit, precision="bf16")


def test_a_trunk_that_cannot_be_saved_stays_on_keras(openvino_wins, make_frozen, monkeypatch):
    def fails(model: Any) -> Any:
        raise ValueError("these settings cannot be written")

    monkeypatch.setattr(opening, "by_name", fails)
    expected = trained(lambda: one_input(make_frozen), plainly)
    ours = trained(lambda: one_input(make_frozen), fit)
    same(expected, ours)
    assert "these settings cannot be written" in ours[2].engine.reason


def test_an_input_of_a_free_size_stays_on_keras(openvino_wins, no_export):
    def make() -> Any:
        entry = keras.Input((None, None, 3), name="free")
        x = L.GlobalAveragePooling2D()(L.Conv2D(4, 3, trainable=False)(entry))
        return keras.Model(entry, L.Dense(3, activation="softmax")(x))

    def train(train: Any) -> Any:
        keras.utils.set_random_seed(3)
        model = make()
        model.compile("sgd", "sparse_categorical_crossentropy")
        x = np.random.default_rng(1).normal(size=(N, 9, 7, 3)).astype("float32")
        return train(model, x, np.arange(N) % 3, verbose=0)

    ours = train(fit)
    assert ours.headstart.engine.reason == "The input 'free' has a free size"
    np.testing.assert_allclose(ours.history["loss"], train(plainly).history["loss"], atol=1e-4)


def test_a_remembered_engine_that_cannot_be_opened_is_replaced_and_that_is_said(
    openvino_wins, make_frozen, no_export, monkeypatch, caplog
):
    monkeypatch.setattr(selection.trial, "recalled", lambda kept: Outcome("openvino", "f32", "earlier"))
    expected = trained(lambda: one_input(make_frozen), plainly)
    with caplog.at_level(logging.WARNING, "headstart"):
        ours = trained(lambda: one_input(make_frozen), fit)
    same(expected, ours)
    assert ours[2].engine.engine == "keras"
    assert "what the store lacks is computed by Keras" in caplog.text


def test_code_of_the_user_s_own_stays_on_keras(openvino_wins, make_frozen, no_export):
    def make() -> Any:
        entry = keras.Input((10, 10, 3))
        x = L.Lambda(lambda pixels: pixels * 0.5, name="mine")(entry)
        x = L.GlobalAveragePooling2D()(make_frozen()(x))
        return keras.Model(entry, L.Dense(3, activation="softmax")(x))

    ours = trained(make, fit)
    assert ours[2].engine.reason == "'mine' is code of its own, which cannot be exported"
    with pytest.raises(EngineError, match="'mine' is code of its own"):
        trained(make, fit, precision="bf16")


def test_a_precision_that_does_not_exist(trainable_here, make_frozen):
    with pytest.raises(SettingsError, match="precision must be one of f32, auto, bf16"):
        trained(lambda: one_input(make_frozen), fit, precision="int4")


def test_the_fastest_that_agrees_is_taken():
    slow, near = Tried("keras", "f32", 10.0), Tried("openvino", "f32", 20.0, 1.0, 1e-6)
    off, bf16 = Tried("openvino", "f32", 90.0, 1.0, 0.01), Tried("openvino", "bf16", 40.0, 0.9995, 0.02)
    assert fastest([slow, near, off]) is near
    assert fastest([slow, near, bf16]) is bf16
    assert fastest([slow, Tried("openvino", "bf16", 40.0, 0.99, 0.02)]) is slow
    assert fastest([slow, Tried("openvino", "f32", 10.5, 1.0, 0.0)]) is slow, "within the noise"
    assert fastest([slow, Tried("openvino", "f32", 90.0, float("nan"), 0.0)]) is slow


def test_an_outcome_is_remembered_whole_or_not_at_all():
    import json

    outcome = Outcome(
        "openvino", "f32", "why", (Tried("keras", "f32", 2.0), Tried("openvino", "f32", 4.0, 1.0, 1e-6)), 8
    )
    kept = json.loads(json.dumps(outcome.as_dict()))
    assert recalled(kept) == outcome
    assert recalled(None) is None
    assert recalled({"engine": "openvino"}) is None
