"""ONNX Runtime, where its packages are; the extra's name where they are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from headstart import engines
from headstart.core.errors import EngineError
from headstart.core.progress import Silence
from headstart.engines.onnx import export, opening
from headstart.engines.openvino.export import by_name
from headstart.features.choice import choose_engine

from . import networks

SIZE = 24
here = pytest.mark.skipif(bool(export.missing()), reason="needs onnxruntime, onnxscript and torch")


def network(keras: ModuleType) -> object:
    pixels = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Rescaling(1 / 255)(pixels)
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(x)
    x = keras.layers.DepthwiseConv2D(3, padding="same")(x)
    model = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(keras.layers.BatchNormalization()(x)))
    networks.randomise(model)
    return model


def test_what_is_missing_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(export, "PACKAGES", ("onnxruntime_of_no_one", "numpy"))
    assert export.missing() == ("onnxruntime_of_no_one",)
    for attempt in (
        export.require,
        lambda: export.export_onnx(tmp_path / "a.keras", "a", tmp_path / "a.onnx"),
    ):
        with pytest.raises(EngineError, match=r"headstart\[onnx\]") as caught:
            attempt()
        assert "without onnxruntime_of_no_one;" in str(caught.value)


def test_train_says_it_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PACKAGES", ("onnxruntime_of_no_one",))
    with pytest.raises(EngineError, match=r"headstart\[onnx\]"):
        choose_engine(None, [], None, "onnx", "auto", Silence())  # type: ignore[arg-type]
    with pytest.raises(EngineError, match="onnx computes in f32"):
        choose_engine(None, [], None, "onnx", "bf16", Silence())  # type: ignore[arg-type]


@here
@pytest.mark.slow
def test_features_are_those_of_the_openvino_engine_and_in_order(keras: ModuleType) -> None:
    model = network(keras)

    def batches() -> Iterator[tuple[int, NDArray[np.uint8]]]:
        for tag, n in enumerate((1, 7, 0, 40, 2)):
            yield tag, networks.pictures(n, SIZE, seed=tag)

    theirs = engines.open_openvino(model, precision="f32")
    ours = engines.open_onnx(model)
    for (tag, one), (other_tag, other) in zip(ours.run(batches()), theirs.run(batches()), strict=True):
        assert tag == other_tag
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)
    assert (ours.info.name, ours.info.precision) == ("onnx", "f32")

    taken = 0

    def endless() -> Iterator[tuple[None, NDArray[np.uint8]]]:
        nonlocal taken
        while True:
            taken += 1
            yield None, networks.pictures(1, SIZE)

    run = ours.run(endless())
    for handed in range(1, 12):
        next(run)
        assert taken - handed <= ours.info.requests
    run.close()  # type: ignore[attr-defined]
    ours.close()
    ours.close()
    with pytest.raises(EngineError, match="closed"):
        list(ours.run(batches()))


@here
@pytest.mark.slow
def test_several_inputs_and_outputs(keras: ModuleType, tmp_path: Path) -> None:
    pixels, side = keras.Input((8, 8, 3), name="pixels"), keras.Input((5,), name="beside")
    maps = keras.layers.Conv2D(4, 3)(pixels)
    model = keras.Model([pixels, side], [maps, keras.layers.Dense(3)(side)])
    networks.randomise(model)
    by_name(model).save(tmp_path / "m.keras")
    engine = opening.open_saved(tmp_path / "m.keras", "m", ["pixels", "beside"])
    random = np.random.default_rng(0)
    x = [random.normal(size=(9, 8, 8, 3)).astype("float32"), random.normal(size=(9, 5))]
    found = engine.compute(x)
    assert [array.shape for array in found] == [(9, 6, 6, 4), (9, 3)]
    weights = model.get_weights()
    np.testing.assert_allclose(found[1], x[1] @ weights[2] + weights[3], rtol=1e-4, atol=1e-5)
    assert [array.shape for array in engine.compute([array[:0] for array in x])] == [(0, 6, 6, 4), (0, 3)]


@here
@pytest.mark.slow
def test_a_layer_that_the_child_does_not_know_is_named(keras: ModuleType) -> None:
    class Odd(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def call(self, x: object) -> object:
            return x

    pixels = keras.Input((SIZE, SIZE, 3))
    model = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(Odd()(pixels)))
    with pytest.raises(EngineError, match="Odd"):
        engines.open_onnx(model)
