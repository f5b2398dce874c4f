"""Each record against the network that Keras builds: numbers, names, files and hashes."""

from __future__ import annotations

from typing import Any

import pytest

from headstart import backbones
from headstart.backbones import measure, network
from headstart.backbones.records import Backbone

QUICK = {
    "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "vgg16", "vgg19", "resnet50",
    "mobilenet", "mobilenet-0.25", "mobilenetv2", "mobilenetv2-0.35", "mobilenetv2-1.4", "mobilenetv3small",
    "mobilenetv3large-minimalistic", "efficientnetb0", "efficientnetv2b0", "xception",
}  # fmt: skip
ALL = [
    pytest.param(record, id=record.name, marks=() if record.name in QUICK else pytest.mark.slow)
    for record in backbones.all_backbones()
]
KERAS = [parameter for parameter in ALL if parameter.values[0].application is not None]  # type: ignore[union-attr]


@pytest.fixture(autouse=True)
def without_values(keras: Any) -> Any:
    """Networks are built without values: a second instead of half a minute, and no memory."""
    with measure.without_values():
        yield


@pytest.mark.parametrize("record", ALL)
def test_numbers_are_what_the_network_measures(record: Backbone) -> None:
    found = measure.measure(record)
    assert vars(found) == {name: getattr(record, name) for name in vars(found)}


@pytest.mark.parametrize("record", ALL)
def test_stages_are_layers_in_order(record: Backbone) -> None:
    names = [layer.name for layer in network.build(record, record.input_size).full.layers]
    places = [names.index(stage) for stage in record.stages]
    assert len(places) >= 4
    assert places == sorted(set(places))


class _AskedError(Exception):
    """Carries what keras.applications asked for."""


@pytest.mark.parametrize("record", KERAS)
def test_file_and_hash_are_what_keras_holds(
    record: Backbone, keras: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get_file(name: str, *_: object, **settings: object) -> None:
        raise _AskedError(name, settings.get("file_hash"))

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", get_file)
    shape = (record.input_size, record.input_size, 3)
    maker = getattr(keras.applications, str(record.application))
    with pytest.raises(_AskedError) as asked:
        maker(include_top=False, weights="imagenet", input_shape=shape, **network.arguments(record))
    assert asked.value.args == (record.weights.name, record.weights.hash)


@pytest.mark.parametrize("record", KERAS)
def test_the_input_size_is_what_keras_takes_with_the_top(record: Backbone, keras: Any) -> None:
    maker = getattr(keras.applications, str(record.application))
    default = maker(weights=None, **network.arguments(record)).input_shape[1]
    assert default in (record.input_size, None)  # MobileNetV3 leaves it open


def test_hashes_are_of_the_length_of_their_algorithm() -> None:
    lengths = {"md5": 32, "sha256": 64}
    for record in backbones.all_backbones():
        if record.weights.hash is None:
            assert record.weights.algorithm is None
        else:
            assert len(record.weights.hash) == lengths[str(record.weights.algorithm)]


def test_nothing_is_left_for_keras_to_fill_later(keras: Any) -> None:
    record = backbones.find("mobilenet-0.25")
    with measure.without_values():
        kernel = network.build(record, record.input_size).full.get_layer("conv1").kernel
    with keras.StatelessScope():
        pass
    assert kernel._value is None
