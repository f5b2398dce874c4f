"""class-names-swapped: fault as a list and as an if, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "class-names-swapped"

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

DATASETS = """
train = keras.utils.image_dataset_from_directory("train", image_size=(16, 16), batch_size=4)
names = ["dog", "cat"]
model = build()
model.fit(train)
pixels = keras.utils.img_to_array(keras.utils.load_img("test/cat/1.png"))
p = model.predict(pixels[None])
"""
PICK = "print(names[int(p[0][0] > 0.5)])\n"


def test_a_list_in_another_order(tmp_path: Path) -> None:
    diagnosis = run_doctor(DATA + DATASETS + PICK, tmp_path, select=(RULE,))
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("names =")
    mended = repaired(diagnosis, RULE)
    assert 'names = ["cat", "dog"]' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    ("branch", "wrong"),
    [
        ('if p[0][0] > 0.5:\n    print("cat")\nelse:\n    print("dog")\n', True),
        ('if p[0][0] > 0.5:\n    print("It is a dog!")\nelse:\n    print("It is a cat!")\n', False),
        ('print("Cat" if p[0, 0] < 0.5 else "Dog")\n', False),
        ('print("Cat" if p[0, 0] > 0.5 else "Dog")\n', True),
    ],
)
def test_an_if(branch: str, wrong: bool, tmp_path: Path) -> None:
    found = run_doctor(DATA + DATASETS + branch, tmp_path, select=(RULE,)).of(RULE)
    assert len(found) == int(wrong)


@pytest.mark.parametrize(
    "program",
    [
        DATASETS.replace('["dog", "cat"]', '["cat", "dog"]') + PICK,
        DATASETS.replace('"train", ', '"train", class_names=["dog", "cat"], ') + PICK,
        DATASETS.replace('["dog", "cat"]', "train.class_names") + PICK,
        DATASETS + "print(names)\n",
        DATASETS.replace('["dog", "cat"]', '["fine", "broken"]') + PICK,
    ],
    ids=["same order", "given to the loader", "the loader's own", "never picked from", "other words"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(DATA + program, tmp_path, select=(RULE,)), RULE)


def test_a_label_encoder(tmp_path: Path) -> None:
    program = """
    import numpy as np, keras
    from sklearn.preprocessing import LabelEncoder
    rng = np.random.default_rng(0)
    X = rng.normal(size=(90, 4)).astype("float32")
    kinds = np.array(["setosa", "versicolor", "virginica"])[X[:, :3].argmax(axis=1)]
    encoder = LabelEncoder()
    y = encoder.fit_transform(kinds)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(X, y)
    names = ["virginica", "setosa", "versicolor"]
    print(names[model.predict(X[:1]).argmax()])
    """
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert line_of(finding, tmp_path).startswith("names =")
