"""class-mode-mismatch: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import line_of, names, only, repaired, run_doctor

pytestmark = pytest.mark.gradients
RULE = "class-mode-mismatch"

FLOW = """
import keras
from keras import layers
from keras.src.legacy.preprocessing.image import ImageDataGenerator

datagen = ImageDataGenerator(rescale=1.0 / 255, validation_split=0.25)
train = datagen.flow_from_directory("pictures", target_size=(16, 16), batch_size=8{mode}, subset="training")
val = datagen.flow_from_directory("pictures", target_size=(16, 16), batch_size=8{mode}, subset="validation")
"""
DATASET = """
import keras
from keras import layers

train = keras.utils.image_dataset_from_directory("pictures", image_size=(16, 16), batch_size=8{mode})
train = train.map(lambda x, y: (x / 255.0, y)).prefetch(2)
val = None
"""
MODEL = """
model = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(4, 3, activation="relu"), layers.Flatten()])
model.add({last})
model.compile("adam", "{loss}", metrics=["accuracy"])
model.fit(train, validation_data=val, verbose=0)
"""


def pictures(folder: Path, classes: int = 2) -> None:
    """Folders of pictures, a colour for each class."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for number in range(classes):
        inner = folder / "pictures" / f"class{number}"
        inner.mkdir(parents=True)
        for i in range(12):
            pixels = rng.integers(0, 90, (16, 16, 3), dtype=np.uint8)
            pixels[..., number % 3] += 120
            Image.fromarray(pixels).save(inner / f"{i}.png")


def source(loader: str, mode: str, last: str, loss: str) -> str:
    """A program with that loader and head."""
    return loader.format(mode=f", {mode}" if mode else "") + MODEL.format(last=last, loss=loss)


SIGMOID = 'layers.Dense(1, activation="sigmoid")'


def softmax(units: int) -> str:
    """A head of so many classes."""
    return f'layers.Dense({units}, activation="softmax")'


@pytest.mark.parametrize(
    ("loader", "mode", "last", "loss", "classes", "folded"),
    [
        (FLOW, "", SIGMOID, "binary_crossentropy", 2, set()),
        (DATASET, 'label_mode="categorical"', SIGMOID, "binary_crossentropy", 2, set()),
        (DATASET, "", softmax(3), "categorical_crossentropy", 3, {"int-labels-categorical-loss"}),
        (
            FLOW,
            'class_mode="binary"',
            softmax(2),
            "categorical_crossentropy",
            2,
            {"int-labels-categorical-loss"},
        ),
        (FLOW, "", softmax(3), "sparse_categorical_crossentropy", 3, {"onehot-labels-sparse-loss"}),
        (
            FLOW,
            'class_mode="binary"',
            softmax(2),
            "binary_crossentropy",
            2,
            {"binary-loss-exclusive-classes"},
        ),
    ],
)
def test_names_the_loader_and_mends_it(
    loader: str, mode: str, last: str, loss: str, classes: int, folded: set[str], tmp_path: Path
) -> None:
    if loader == DATASET:
        pytest.importorskip("tensorflow")
    pictures(tmp_path, classes)
    diagnosis = run_doctor(source(loader, mode, last, loss), tmp_path)
    finding = only(diagnosis, RULE)
    assert line_of(finding, tmp_path).startswith("train = ")
    assert diagnosis.findings[0].rule == RULE
    assert set(names(diagnosis)) == {RULE, *folded}
    mended = repaired(diagnosis, RULE)
    assert mended.count("_mode=") == (2 if loader == FLOW else 1)
    assert not names(run_doctor(mended, tmp_path))


@pytest.mark.parametrize(
    ("loader", "mode", "last", "loss", "classes"),
    [
        (FLOW, "", softmax(2), "categorical_crossentropy", 2),
        (FLOW, "", softmax(2), "binary_crossentropy", 2),
        (FLOW, 'class_mode="binary"', SIGMOID, "binary_crossentropy", 2),
        (DATASET, "", SIGMOID, "binary_crossentropy", 2),
        (DATASET, "", softmax(2), "sparse_categorical_crossentropy", 2),
        (DATASET, "", softmax(3), "sparse_categorical_crossentropy", 3),
    ],
)
def test_traps(loader: str, mode: str, last: str, loss: str, classes: int, tmp_path: Path) -> None:
    if loader == DATASET:
        pytest.importorskip("tensorflow")
    pictures(tmp_path, classes)
    assert not names(run_doctor(source(loader, mode, last, loss), tmp_path))


def test_trap_one_hot_made_by_the_script(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    pictures(tmp_path)
    loader = DATASET.replace("(x / 255.0, y)", "(x / 255.0, keras.ops.one_hot(y, 2))")
    assert not names(run_doctor(source(loader, "", softmax(2), "categorical_crossentropy"), tmp_path))


def test_more_units_than_folders_is_a_fault_of_the_head(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    pictures(tmp_path, 3)
    diagnosis = run_doctor(source(DATASET, "", softmax(10), "sparse_categorical_crossentropy"), tmp_path)
    finding = only(diagnosis, "units-not-classes")
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path).startswith("model.add(layers.Dense(10")
    assert not names(run_doctor(repaired(diagnosis, "units-not-classes"), tmp_path))
