"""predict-raw-picture: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "predict-raw-picture"

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


def test_names_the_line(tmp_path: Path) -> None:
    program = DATA + START + "pixels = np.expand_dims(pixels, axis=0)\nanswer = model.predict(pixels)\n"
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("answer =")


@pytest.mark.parametrize(
    "after",
    [
        "answer = model.predict(pixels[None] / 255.0)\n",
        "pixels /= 255\nanswer = model.predict(pixels[None])\n",
        "def prepare(a):\n    a = a.astype('float32') / 255\n    return a[None]\nanswer = model.predict(prepare(pixels))\n",
        "answer = model.predict(next(iter(train))[0])\n",
        "np.divide(pixels, 255.0, out=pixels)\nanswer = model.predict(pixels[None])\n",
    ],
    ids=["scaled", "in place", "in a function", "from the data set", "out="],
)
def test_mended_and_traps(after: str, tmp_path: Path) -> None:
    silent(run_doctor(DATA + START + after, tmp_path, select=(RULE,)), RULE)


def test_trap_a_model_that_scales(tmp_path: Path) -> None:
    inside = DATA.replace("layers.Conv2D(4", "layers.Rescaling(1 / 255.0),\n        layers.Conv2D(4")
    program = inside + START.replace("(images / 255.0", "(images") + "answer = model.predict(pixels[None])\n"
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
