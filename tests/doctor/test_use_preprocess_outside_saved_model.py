"""preprocess-outside-saved-model: error where the file is used on raw pixels, remark else, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "preprocess-outside-saved-model"

pytest.importorskip("tensorflow")

DATA = """
import os
import numpy as np
import keras
from keras import layers
from keras.models import Sequential, load_model

rng = np.random.default_rng(0)
for part in ("train", "test"):
    for i, name in enumerate(("cat", "dog")):
        os.makedirs(f"{part}/{name}", exist_ok=True)
        for k in range(10):
            pixels = rng.integers(0, 120, size=(16, 16, 3)) + 100 * i
            keras.utils.save_img(f"{part}/{name}/{k}.png", pixels.astype("uint8"), scale=False)


def build():
    model = Sequential([
        keras.Input((16, 16, 3)),
        layers.Conv2D(4, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    ])
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model
"""

START = """
train = keras.utils.image_dataset_from_directory("train", image_size=(16, 16), batch_size=4)
train = train.map(lambda images, labels: (images / 255.0, labels))
model = build()
model.fit(train)
pixels = keras.utils.img_to_array(keras.utils.load_img("test/cat/1.png"))
"""
SERVE = 'model.save("m.keras")\nserved = load_model("m.keras")\nprint(served.predict(pixels[None]))\n'


def test_the_file_is_given_raw_pixels(tmp_path: Path) -> None:
    finding = only(run_doctor(DATA + START + SERVE, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == 'model.save("m.keras")'


@pytest.mark.parametrize(
    "after",
    [
        'model.save("m.keras")\n',
        SERVE.replace("pixels[None]", "pixels[None] / 255.0"),
        SERVE.replace("served = ", "pixels /= 255.0\nserved = "),
        "def prepare(a):\n    return np.expand_dims(a / 255.0, 0)\n"
        + SERVE.replace("pixels[None]", "prepare(pixels)"),
    ],
    ids=["only saved", "scaled", "scaled in place", "scaled in a function"],
)
def test_only_a_remark(after: str, tmp_path: Path) -> None:
    assert only(run_doctor(DATA + START + after, tmp_path, select=(RULE,)), RULE).severity == "info"


def test_mended_scaling_inside(tmp_path: Path) -> None:
    inside = DATA.replace("layers.Conv2D(4", "layers.Rescaling(1 / 255.0),\n        layers.Conv2D(4")
    silent(
        run_doctor(inside + START.replace("(images / 255.0", "(images") + SERVE, tmp_path, select=(RULE,)),
        RULE,
    )


def test_trap_raw_all_along(tmp_path: Path) -> None:
    silent(
        run_doctor(DATA + START.replace("(images / 255.0", "(images") + SERVE, tmp_path, select=(RULE,)), RULE
    )
