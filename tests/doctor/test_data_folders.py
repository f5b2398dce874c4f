"""label-inference-wrong, empty-class and val-class-order on folders: faults, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import pictures
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

LEVEL = "label-inference-wrong"
EMPTY = "empty-class"
ORDER = "val-class-order"
PROGRAM = """
import keras
from keras import layers
train = keras.utils.image_dataset_from_directory("train", image_size=(16, 16), batch_size=8)
val = keras.utils.image_dataset_from_directory("val", image_size=(16, 16), batch_size=8)
model = keras.Sequential([layers.Rescaling(1 / 255), layers.Conv2D(4, 3), layers.GlobalMaxPooling2D(), layers.Dense(UNITS, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(train.prefetch(2), validation_data=val.cache().prefetch(2))
""".replace("UNITS", "3")
ALL = (LEVEL, EMPTY, ORDER)


@pytest.fixture(autouse=True)
def _needs_tensorflow() -> None:
    pytest.importorskip("tensorflow")


def test_one_level_too_high(tmp_path: Path) -> None:
    pictures(tmp_path / "data" / "train", {"cat": 10, "dog": 10})
    pictures(tmp_path / "data" / "test", {"cat": 5, "dog": 5})
    source = PROGRAM.replace('"train", i', '"data", i').replace(
        ", validation_data=val.cache().prefetch(2)", ""
    )
    source = "\n".join(line for line in source.splitlines() if not line.startswith("val"))
    finding = only(run_doctor(source, tmp_path), LEVEL)
    assert line_of(finding, tmp_path).startswith("train = keras.utils")


@pytest.mark.parametrize("stray", [".ipynb_checkpoints", "__MACOSX"])
def test_a_stray_folder(stray: str, tmp_path: Path) -> None:
    pictures(tmp_path / "train", {"cat": 10, "dog": 10})
    (tmp_path / "train" / stray).mkdir()
    source = """
import keras
from keras import layers
from keras.src.legacy.preprocessing.image import ImageDataGenerator
flow = ImageDataGenerator(rescale=1 / 255).flow_from_directory("train", target_size=(16, 16), class_mode="sparse")
model = keras.Sequential([layers.Conv2D(4, 3), layers.GlobalMaxPooling2D(), layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(flow)
"""
    diagnosis = run_doctor(source, tmp_path)
    finding = only(diagnosis, LEVEL)
    assert line_of(finding, tmp_path).startswith("flow = ")
    silent(run_doctor(repaired(diagnosis, LEVEL), tmp_path), *ALL)


def test_an_empty_folder(tmp_path: Path) -> None:
    pictures(tmp_path / "train", {"bird": 10, "cat": 0, "dog": 10})
    pictures(tmp_path / "val", {"bird": 6, "cat": 0, "dog": 6}, seed=1)
    diagnosis = run_doctor(PROGRAM, tmp_path)
    finding = only(diagnosis, EMPTY)
    assert finding.severity == "warning"
    assert "cat" in finding.message
    listed = PROGRAM.replace('"train", i', '"train", class_names=["bird", "cat", "dog"], i')
    assert only(run_doctor(listed, tmp_path), EMPTY).severity == "info"


@pytest.mark.parametrize("classes", [{"cat": 6, "dog": 6}, {"ant": 6, "bird": 6, "cat": 6, "dog": 6}])
def test_another_class_list(classes: dict[str, int], tmp_path: Path) -> None:
    pictures(tmp_path / "train", {"bird": 10, "cat": 10, "dog": 10})
    pictures(tmp_path / "val", classes, seed=1)
    diagnosis = run_doctor(PROGRAM, tmp_path)
    finding = only(diagnosis, ORDER)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("val = keras.utils")
    if finding.edit is not None:
        silent(run_doctor(repaired(diagnosis, ORDER), tmp_path), ORDER)


def test_trap_fewer_classes_with_the_same_ids(tmp_path: Path) -> None:
    pictures(tmp_path / "train", {"bird": 10, "cat": 10, "dog": 10})
    pictures(tmp_path / "val", {"bird": 6, "cat": 6}, seed=1)
    silent(run_doctor(PROGRAM, tmp_path), *ALL)


def test_trap_one_folder_in_two_subsets(tmp_path: Path) -> None:
    pictures(tmp_path / "train", {"test": 10, "trial": 10, "train": 10})
    source = PROGRAM.replace('"train", i', '"train", validation_split=0.2, subset="training", seed=1, i')
    source = source.replace('"val", i', '"train", validation_split=0.2, subset="validation", seed=1, i')
    silent(run_doctor(source, tmp_path), *ALL)
