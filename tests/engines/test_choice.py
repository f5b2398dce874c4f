"""Which precision is chosen, and why."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from headstart import engines
from headstart.core.errors import EngineError, SettingsError
from headstart.engines import choice
from headstart.engines.openvino import compiling, processor

from . import networks

SIZE = 24


@pytest.fixture(scope="module")
def model(keras: ModuleType) -> object:
    pixels = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(8, 3, activation="relu")(keras.layers.Rescaling(1 / 255)(pixels))
    made = keras.Model(pixels, keras.layers.GlobalAveragePooling2D()(x))
    networks.randomise(made)
    return made


def test_equal_features_choose_bf16() -> None:
    x = np.abs(np.random.default_rng(0).normal(size=(5, 40))).astype(np.float32)
    found = choice.compare(x, x)
    assert found.precision == "bf16"
    assert found.least_cosine == pytest.approx(1)
    assert found.largest_difference == 0
    assert found.n == 5


@pytest.mark.parametrize(("cosine", "precision"), [(0.9995, "bf16"), (0.998, "f32")])
def test_the_picture_that_agrees_least_decides(cosine: float, precision: str) -> None:
    exact = np.zeros((3, 4), np.float32)
    exact[:, 0] = 2
    fast = exact.copy()
    fast[1] = [2 * cosine, 2 * np.sqrt(1 - cosine**2), 0, 0]
    found = choice.compare(exact, fast)
    assert found.precision == precision
    assert found.least_cosine == pytest.approx(cosine, abs=1e-6)
    assert found.largest_difference == pytest.approx(np.sqrt(1 - cosine**2), rel=1e-5)
    assert f"{cosine:.5f}" in found.reason


def test_features_that_are_no_numbers_or_nothing_choose_f32() -> None:
    exact = np.ones((2, 3), np.float32)
    bad = exact.copy()
    bad[1, 1] = np.nan
    assert choice.compare(exact, bad).precision == "f32"
    assert choice.compare(exact, exact * 0).precision == "f32"
    assert choice.compare(exact * 0, exact * 0).precision == "bf16"


def test_told_is_told(model: object) -> None:
    engine, agreement = engines.choose_precision(model, networks.pictures(2, SIZE), "f32")
    assert engine.info.precision == agreement.precision == "f32"
    assert agreement.reason == "f32, as asked for."
    assert agreement.n == 0


def test_without_native_bf16_auto_is_f32(model: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "native_bf16", lambda: False)
    engine, agreement = engines.choose_precision(model, networks.pictures(2, SIZE), "auto")
    assert engine.info.precision == agreement.precision == "f32"
    assert "natively" in agreement.reason


def test_without_pictures_auto_is_f32(model: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "native_bf16", lambda: True)
    engine, agreement = engines.choose_precision(model, networks.pictures(0, SIZE), "auto")
    assert engine.info.precision == "f32"
    assert "want of pictures" in agreement.reason


@pytest.mark.skipif(not processor.native_bf16(), reason="this processor has no bf16 of its own")
def test_auto_compares_and_remembers(model: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sample = networks.pictures(4, SIZE)
    engine, first = engines.choose_precision(model, sample, "auto", cache=tmp_path)
    assert engine.info.precision == first.precision == "bf16"
    assert first.least_cosine is not None
    assert 0.999 <= first.least_cosine <= 1
    assert first.n == 4

    def no_comparison(*args: object) -> None:
        raise AssertionError("compared again")

    with monkeypatch.context() as patched:
        patched.setattr(choice, "compare", no_comparison)
        _, second = engines.choose_precision(model, sample, "auto", cache=tmp_path)
        assert second == first
        with pytest.raises(AssertionError, match="compared again"):
            engines.choose_precision(model, sample[:2], "auto", cache=tmp_path)
    monkeypatch.setattr(choice, "LEAST_COSINE", 1.1)
    engine, agreement = engines.choose_precision(model, sample, "auto")
    assert engine.info.precision == agreement.precision == "f32"
    ((_, features),) = engine.run([(0, sample)])
    assert features.shape == (4, 8)


def test_bf16_where_there_is_none_is_refused(model: object, monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain:
        def get_property(self, *names: str) -> list[str]:
            return ["FP32", "INT8"]

    monkeypatch.setattr(compiling.processor, "core", Plain)
    with pytest.raises(EngineError, match="use --precision f32"):
        compiling.compile_graph(None, "bf16")


def test_another_precision_is_refused(model: object) -> None:
    with pytest.raises(SettingsError, match="auto, f32, bf16"):
        engines.choose_precision(model, networks.pictures(1, SIZE), "f16")  # type: ignore[arg-type]
