"""image-data-generator: a remark and no more."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "image-data-generator"

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


def test_remarks(tmp_path: Path) -> None:
    program = (
        DATA
        + """
from tensorflow.keras.preprocessing.image import ImageDataGenerator
reader = ImageDataGenerator(rescale=1 / 255.0)
train = reader.flow_from_directory("train", target_size=(16, 16), batch_size=4, class_mode="binary")
model = build()
model.fit(train)
"""
    )
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "info"
    assert line_of(finding, tmp_path).startswith("reader =")


def test_silent_without_it(tmp_path: Path) -> None:
    program = DATA + (
        'train = keras.utils.image_dataset_from_directory("train", image_size=(16, 16), batch_size=4)\n'
        "model = build()\nmodel.fit(train)\n"
    )
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
