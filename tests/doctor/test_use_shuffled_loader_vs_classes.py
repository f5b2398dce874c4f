"""shuffled-loader-vs-classes: fault with iterators and with tf.data, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "shuffled-loader-vs-classes"

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

FLOWS = """
from tensorflow.keras.preprocessing.image import ImageDataGenerator
reader = ImageDataGenerator(rescale=1 / 255.0)
sizes = dict(target_size=(16, 16), batch_size=4, class_mode="binary")
train = reader.flow_from_directory("train", **sizes)
"""

TEST = 'test = reader.flow_from_directory("test", target_size=(16, 16), batch_size=4, class_mode="binary")\n'
COMPARE = """
pred = (model.predict(test) > 0.5).astype(int).ravel()
print((pred == test.classes).mean())
"""
DATASETS = """
train = keras.utils.image_dataset_from_directory("train", image_size=(16, 16), batch_size=4)
test = keras.utils.image_dataset_from_directory("test", image_size=(16, 16), batch_size=4)
model = build()
model.fit(train)
"""
AGAIN = """
pred = model.predict(test)
true = np.concatenate([labels for images, labels in test])
print((true == (pred.ravel() > 0.5)).mean())
"""


def fitted(before: str, after: str) -> str:
    return DATA + FLOWS + before + "model = build()\nmodel.fit(train)\n" + after


@pytest.mark.parametrize("order", ["made before", "made after"])
def test_iterator(order: str, tmp_path: Path) -> None:
    first = order == "made before"
    program = fitted(TEST if first else "", COMPARE if first else TEST + COMPARE)
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("test = reader.flow_from_directory")
    mended = repaired(diagnosis, RULE)
    assert "shuffle=False" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_two_readings_of_a_dataset(tmp_path: Path) -> None:
    diagnosis = run_doctor(DATA + DATASETS + AGAIN, tmp_path, select=(RULE,))
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("test = keras.utils.image_dataset")
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "after",
    [
        "pred, true = [], []\n"
        "for images, labels in test:\n"
        "    pred.extend(model.predict(images, verbose=0).ravel() > 0.5)\n"
        "    true.extend(labels.numpy())\n"
        "print((np.array(pred) == np.array(true)).mean())\n",
        "print(model.evaluate(test))\npred = model.predict(test)\n",
        "true = np.concatenate([labels for images, labels in test])\n"
        "print(np.bincount(true.astype(int)))\npred = model.predict(test)\nprint(pred.mean() > 0.5)\n",
    ],
    ids=["gathered together", "evaluate", "not compared"],
)
def test_traps(after: str, tmp_path: Path) -> None:
    silent(run_doctor(DATA + DATASETS + after, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize("made", ["test = test.cache()", "test = test.unbatch().batch(4).cache()"])
def test_trap_a_cache_keeps_the_order(made: str, tmp_path: Path) -> None:
    silent(
        run_doctor(
            DATA + DATASETS.replace("model = build", made + "\nmodel = build") + AGAIN,
            tmp_path,
            select=(RULE,),
        ),
        RULE,
    )


def test_trap_scores_of_the_training_iterator(tmp_path: Path) -> None:
    program = fitted(TEST.replace('"binary")', '"binary", shuffle=False)'), COMPARE)
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
