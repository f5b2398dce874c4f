"""The preprocessing layers against Keras's own preprocess_input, on the same pixels."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from headstart import backbones
from headstart.backbones import preprocessing
from headstart.backbones.records import Backbone, Preprocessing

STYLES: tuple[Preprocessing, ...] = ("caffe", "tf", "torch", "lite")


def every_colour() -> NDArray[np.float32]:
    """Each value of each channel, against a mixture of the others: shape (1, 16, 16, 3)."""
    values = np.arange(256, dtype=np.float32)
    return np.stack([values, np.roll(values, 85)[::-1], np.roll(values, 31)], -1).reshape(1, 16, 16, 3)


def only_preprocessing(keras: Any, style: Preprocessing) -> Any:
    pixels = keras.Input((16, 16, 3))
    return keras.Model(pixels, preprocessing.apply(style, pixels))


def run(keras: Any, model: Any, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(keras.ops.convert_to_numpy(model(pixels)))


def keras_module(record: Backbone) -> str:
    name = str(record.application)
    for start, module in {
        "VGG16": "vgg16", "VGG19": "vgg19", "ResNet": "resnet_v2" if name.endswith("V2") else "resnet",
        "MobileNetV2": "mobilenet_v2", "MobileNetV3": "mobilenet_v3", "MobileNet": "mobilenet",
        "EfficientNetV2": "efficientnet_v2", "EfficientNet": "efficientnet", "ConvNeXt": "convnext",
        "DenseNet": "densenet", "InceptionV3": "inception_v3", "InceptionResNet": "inception_resnet_v2",
        "NASNet": "nasnet", "Xception": "xception",
    }.items():  # fmt: skip
        if name.startswith(start):
            return module
    raise AssertionError(f"no module for {name}")


@pytest.mark.parametrize(
    "record",
    [pytest.param(record, id=record.name) for record in backbones.all_backbones() if record.application],
)
def test_layers_equal_keras_own_preprocess_input(record: Backbone, keras: Any) -> None:
    module = importlib.import_module(f"keras.src.applications.{keras_module(record)}")
    pixels = every_colour()
    expected = module.preprocess_input(pixels.copy(), data_format="channels_last")
    found = run(keras, only_preprocessing(keras, record.preprocessing), pixels)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-6)


def test_caffe_is_exact(keras: Any) -> None:
    pixels = every_colour()
    mean = np.asarray(preprocessing.CAFFE_MEAN_BGR, np.float32)
    np.testing.assert_array_equal(
        run(keras, only_preprocessing(keras, "caffe"), pixels), pixels[..., ::-1] - mean
    )


def test_lite_is_exact(keras: Any) -> None:
    pixels = every_colour()
    np.testing.assert_array_equal(run(keras, only_preprocessing(keras, "lite"), pixels), (pixels - 127) / 128)


@pytest.mark.parametrize("mean", [127.0, 127.5])
def test_bfloat16_holds_pixels_and_differences_exactly(mean: float) -> None:
    """A bfloat16 is a float32 whose last 16 bits are zero."""
    pixels = np.arange(256, dtype=np.float32)
    for values in (pixels, pixels - np.float32(mean)):
        assert not (values.view(np.uint32) & 0xFFFF).any()


@pytest.mark.parametrize("style", STYLES)
def test_layers_survive_saving_in_safe_mode(style: Preprocessing, keras: Any, tmp_path: Path) -> None:
    model, pixels = only_preprocessing(keras, style), every_colour()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
    np.testing.assert_array_equal(run(keras, loaded, pixels), run(keras, model, pixels))


def test_networks_that_scale_inside_get_raw_pixels(keras: Any) -> None:
    pixels = keras.Input((16, 16, 3))
    assert preprocessing.apply("inside", pixels) is pixels
