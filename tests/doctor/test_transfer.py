"""The rules on transfer learning, with genuine weights and real pictures: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, names, only, repaired, run_doctor, silent

pytestmark = [pytest.mark.gradients, pytest.mark.shared]

MISMATCH, TOP, POOL, AGAIN = (
    "backbone-preprocess-mismatch",
    "classifier-top-kept",
    "pooling-missing",
    "frozen-base-recomputed",
)

LOAD = """
import os
os.environ["KERAS_HOME"] = "{home}"
import numpy as np, keras
from keras import layers
from pathlib import Path

pictures, labels = [], []
for label, name in enumerate(["cats", "dogs"]):
    for file in sorted(Path("{pictures}", name).glob("*.jpg"))[:60]:
        pictures.append(keras.utils.img_to_array(keras.utils.load_img(file, target_size=(96, 96))))
        labels.append(label)
x = np.stack(pictures)
y = np.array(labels)
"""

FIT = """
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=2, verbose=0)
"""


@pytest.fixture
def load(shared: Path) -> str:
    return LOAD.format(
        home=(shared / "keras").as_posix(), pictures=(shared / "data" / "cats_dogs").as_posix()
    )


@pytest.fixture
def weights(shared: Path) -> str:
    return (shared / "keras" / "models" / "mobilenet_2_5_224_tf_no_top.h5").as_posix()


MOBILE = """
base = keras.applications.MobileNet(alpha=0.25, include_top=False, {more}input_shape=(96, 96, 3), weights="{weights}")
base.trainable = False
model = keras.Sequential([
    {scale}
    base,
    layers.Dense(16, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
"""


def mobile(weights: str, scale: str, more: str = 'pooling="avg", ') -> str:
    return MOBILE.format(weights=weights, scale=scale, more=more) + FIT


def test_caffe_pixels_into_mobilenet(load: str, weights: str, tmp_path: Path) -> None:
    program = load + mobile(weights, "layers.Lambda(keras.applications.vgg16.preprocess_input),")
    finding = only(run_doctor(program, tmp_path), MISMATCH)
    assert finding.severity == "warning"
    assert "preprocess_input" in line_of(finding, tmp_path)
    assert float(finding.evidence["likeness of the features to those under its own scaling"]) < 0.9  # type: ignore[arg-type]


def test_its_own_scaling_is_silent(load: str, weights: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(load + mobile(weights, "layers.Rescaling(1 / 127.5, offset=-1),"), tmp_path)
    silent(diagnosis, MISMATCH, TOP, POOL)
    assert names(diagnosis) == []


def test_scaling_in_the_data_is_seen_too(load: str, weights: str, tmp_path: Path) -> None:
    program = load + "x = keras.applications.mobilenet.preprocess_input(x)\n" + mobile(weights, "")
    silent(run_doctor(program, tmp_path), MISMATCH)
    program = load + "x = keras.applications.vgg19.preprocess_input(x)\n" + mobile(weights, "")
    diagnosis = run_doctor(program, tmp_path)
    assert line_of(only(diagnosis, MISMATCH), tmp_path).startswith("x = keras.applications.vgg19")
    mended = repaired(diagnosis, MISMATCH)
    assert "x = keras.applications.mobilenet.preprocess_input(x)" in mended
    silent(run_doctor(mended, tmp_path), MISMATCH)


def test_a_net_without_weights_has_no_style(load: str, tmp_path: Path) -> None:
    program = load + MOBILE.format(
        weights="", scale="layers.Lambda(keras.applications.vgg16.preprocess_input),", more='pooling="avg", '
    ).replace('weights=""', "weights=None").replace("base.trainable = False\n", "")
    silent(run_doctor(program + FIT, tmp_path), MISMATCH)


def test_pooling_missing_and_mended(load: str, weights: str, tmp_path: Path) -> None:
    program = load + mobile(weights, "layers.Rescaling(1 / 127.5, offset=-1),", "")
    diagnosis = run_doctor(program, tmp_path)
    finding = only(diagnosis, POOL)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("base = keras.applications.MobileNet(")
    assert finding.evidence["shape of the map"] == "3 x 3 x 256"
    silent(run_doctor(repaired(diagnosis, POOL), tmp_path), POOL)


def test_pooling_missing_in_a_net_of_ones_own(load: str, tmp_path: Path) -> None:
    program = (
        load
        + """
model = keras.Sequential([
    layers.Rescaling(1 / 255),
    layers.Conv2D(8, 3, strides=4, activation="relu"),
    layers.Dense(1, activation="sigmoid"),
])
"""
        + FIT
    )
    diagnosis = run_doctor(program, tmp_path)
    assert line_of(only(diagnosis, POOL), tmp_path).startswith("layers.Dense(1")
    mended = repaired(diagnosis, POOL)
    assert "    layers.GlobalAveragePooling2D(),\n    layers.Dense(1" in mended
    silent(run_doctor(mended, tmp_path), POOL)


def test_trap_segmentation(load: str, tmp_path: Path) -> None:
    program = (
        load
        + """
masks = (x.mean(axis=-1, keepdims=True) > 128).astype("float32")
model = keras.Sequential([layers.Rescaling(1 / 255), layers.Conv2D(8, 3, padding="same", activation="relu"),
    layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(x[:32], masks[:32], verbose=0)
"""
    )
    silent(run_doctor(program, tmp_path), POOL)


def test_top_kept_where_the_weights_cannot_be_fetched(
    load: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Offline, random weights stand in, and the structure is judged all the same."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    program = (
        load.split("import numpy", 1)[1].join(["import numpy", ""])
        + """
base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(96, 96, 3))
top = keras.applications.MobileNet(alpha=0.25, input_shape=(128, 128, 3), weights={weights})
top.trainable = False
inputs = keras.Input((96, 96, 3))
h = layers.Resizing(128, 128)(layers.Rescaling(1 / 127.5, offset=-1)(inputs))
h = layers.Dense(8, activation="relu")(top(h))
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(h))
"""
        + FIT
    )
    silent(run_doctor(program.replace("{weights}", "None"), tmp_path), TOP)
    patched = program.replace("{weights}", '"imagenet"').replace(
        "base = ",
        "keras.utils.get_file = None\nimport keras.src.utils.file_utils as f\n"
        "def no(*a, **k): raise Exception('URL fetch failure on x')\nf.get_file = no\nbase = ",
        1,
    )
    import keras as package
    import keras.src.utils.file_utils as files

    kept = files.get_file, package.utils.get_file
    try:
        diagnosis = run_doctor(patched, tmp_path)
    finally:
        files.get_file, package.utils.get_file = kept
    finding = only(diagnosis, TOP)
    assert line_of(finding, tmp_path).startswith("top = keras.applications.MobileNet(")
    assert "could not be fetched" in diagnosis.note


def test_trap_the_classes_are_the_answer(load: str, tmp_path: Path) -> None:
    program = (
        load
        + """
model = keras.applications.MobileNet(alpha=0.25, input_shape=(96, 96, 3), weights=None, classes=2)
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(x / 127.5 - 1, y, verbose=0)
"""
    )
    silent(run_doctor(program, tmp_path), TOP, MISMATCH)


def test_repeated_passes_are_added_up(load: str, weights: str, tmp_path: Path) -> None:
    program = load + mobile(weights, "layers.Rescaling(1 / 127.5, offset=-1),").replace(
        "epochs=2", "epochs=300"
    )
    assert (
        only(run_doctor(program, tmp_path), AGAIN).edit is None
    )  # no Input: headstart.fit could not split it
    program = program.replace("keras.Sequential([", "keras.Sequential([keras.Input((96, 96, 3)),")
    diagnosis = run_doctor(program, tmp_path)
    finding = only(diagnosis, AGAIN)
    assert line_of(finding, tmp_path).startswith("model.fit(")
    assert finding.evidence["rows"] == 120
    assert "headstart.fit(model, x, y, epochs=300" in repaired(diagnosis, AGAIN)
    silent(run_doctor(repaired(diagnosis, AGAIN), tmp_path), AGAIN)


def test_trap_augmentation_before_the_base(load: str, weights: str, tmp_path: Path) -> None:
    scale = 'layers.RandomFlip("horizontal"), layers.Rescaling(1 / 127.5, offset=-1),'
    program = load + mobile(weights, scale).replace("epochs=2", "epochs=300")
    silent(run_doctor(program, tmp_path), AGAIN)
