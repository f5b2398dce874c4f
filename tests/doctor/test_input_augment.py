"""Augmentation that does harm or nothing, and a normalisation that was never adapted: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

RANGE, INACTIVE, VALIDATION, ADAPT = RULES = (
    "augment-range",
    "augment-inactive",
    "augment-validation",
    "normalization-not-adapted",
)

PICTURES = """
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(0)
y = rng.integers(0, 2, 48)
x = (rng.uniform(0, 120, size=(48, 16, 16, 3)) * rng.uniform(0.5, 1, (48, 1, 1, 1)) + 130 * y[:, None, None, None])
x = x.astype("float32")
"""

MODEL = """
model = keras.Sequential([
    keras.Input((16, 16, 3)),
    {layers}
    layers.Conv2D(4, 3, activation="relu"),
    layers.GlobalAveragePooling2D(),
    layers.Dense(1, activation="sigmoid"),
])
model.compile("adam", "binary_crossentropy")
model.fit({data}, epochs=2)
"""


def net(layers: str, data: str = "x, y") -> str:
    return MODEL.format(layers=layers, data=data)


@pytest.mark.parametrize("before", ["layers.Rescaling(1 / 255),", "layers.Rescaling(1 / 127.5, offset=-1),"])
@pytest.mark.parametrize(
    "layer", ["layers.RandomBrightness(0.3),", "layers.RandomBrightness(factor=(-0.2, 0.2)),"]
)
def test_brightness_of_scaled_pixels(before: str, layer: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(PICTURES + net(f"{before}\n    {layer}"), tmp_path, select=RULES)
    finding = only(diagnosis, RANGE)
    assert line_of(finding, tmp_path).startswith("layers.RandomBrightness")
    assert len(diagnosis.all_findings) == 1
    silent(run_doctor(repaired(diagnosis, RANGE), tmp_path, select=RULES), *RULES)


@pytest.mark.parametrize(
    "stack",
    [
        "layers.RandomBrightness(0.3), layers.Rescaling(1 / 255),",
        "layers.Rescaling(1 / 255), layers.RandomBrightness(0.3, value_range=(0, 1)),",
        "layers.Rescaling(1 / 255), layers.RandomContrast(0.3),",
        "layers.Rescaling(1 / 255), layers.RandomFlip(), layers.RandomRotation(0.1),",
        "layers.Rescaling(1 / 255), layers.RandomFlip('horizontal'), layers.RandomRotation(0.0),",
    ],
)
def test_trap_layers_in_their_range(stack: str, tmp_path: Path) -> None:
    silent(run_doctor(PICTURES + net(stack), tmp_path, select=RULES), *RULES)


FUNCTIONAL = """
augment = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.2)])
inputs = keras.Input((16, 16, 3))
h = layers.Rescaling(1 / 255)(inputs)
{use}
h = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(h))
model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(h))
model.compile("adam", "binary_crossentropy")
model.fit(x, y, epochs=2)
{later}
"""


@pytest.mark.parametrize(
    ("use", "later", "line"),
    [
        # Keras 3 overrides this in a functional model: the layers do act.
        ("h = augment(h, training=False)", "", None),
        ("", "", "augment = keras.Sequential("),
        ("h = augment(h)", "", None),
        ("h = augment(h, training=True)", "", None),
        # Kept for a second stage.
        ("", "model.fit(augment(x), y)", None),
    ],
)
def test_augmenting_layers_that_do_nothing(use: str, later: str, line: str | None, tmp_path: Path) -> None:
    program = PICTURES + FUNCTIONAL.format(use=use, later=later)
    diagnosis = run_doctor(program, tmp_path, select=RULES)
    if line is None:
        silent(diagnosis, *RULES)
    else:
        assert line_of(only(diagnosis, INACTIVE), tmp_path).startswith(line)


MAPPED = """
tf = __import__("tensorflow")
augment = keras.Sequential([{layers}])
train = tf.data.Dataset.from_tensor_slices((x, y)).batch(16)
train = train.map(lambda a, b: ({call}, b))
"""


@pytest.mark.parametrize(
    ("stack", "call", "rule"),
    [
        ("layers.RandomFlip()", "augment(a, training=False)", INACTIVE),
        ("layers.RandomFlip()", "augment(a, training=True)", None),
        ("layers.RandomFlip()", "augment(a)", None),
        ("layers.Rescaling(1 / 255), layers.RandomBrightness(0.2)", "augment(a, training=True)", RANGE),
        ("layers.RandomBrightness(0.2), layers.Rescaling(1 / 255)", "augment(a, training=True)", None),
        ("layers.RandomBrightness(0.2)", "augment(a / 255, training=True)", RANGE),
    ],
)
def test_layers_in_a_map(stack: str, call: str, rule: str | None, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    program = PICTURES + MAPPED.format(layers=stack, call=call) + net("", "train")
    diagnosis = run_doctor(program, tmp_path, select=RULES)
    assert diagnosis.fits
    assert [f.rule for f in diagnosis.all_findings] == ([rule] if rule else [])


GENERATOR = """
from keras.src.legacy.preprocessing.image import ImageDataGenerator
train_gen = ImageDataGenerator(rescale=1 / 255, rotation_range=20, horizontal_flip=True, validation_split=0.25)
plain_gen = ImageDataGenerator(rescale=1 / 255, validation_split=0.25)
train = train_gen.flow(x, y, batch_size=12, subset="training")
validation = {gen}.flow(x, y, batch_size=12, subset="validation")
"""


@pytest.mark.parametrize(("gen", "found"), [("train_gen", True), ("plain_gen", False)])
def test_a_generator_for_both(gen: str, found: bool, tmp_path: Path) -> None:
    program = PICTURES + GENERATOR.format(gen=gen) + net("", "train, validation_data=validation")
    diagnosis = run_doctor(program, tmp_path, select=RULES)
    if found:
        assert line_of(only(diagnosis, VALIDATION), tmp_path).startswith("validation = train_gen.flow(")
    else:
        silent(diagnosis, *RULES)


PIPELINE = """
tf = __import__("tensorflow")
tf.random.set_seed(0)

def prepare(a, b):
    return a / 255, b

def augment(a, b):
    return tf.image.random_brightness(tf.image.random_flip_left_right(a), 0.2), b

whole = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(48, seed=1).map(prepare)
train = whole.take(36).map(augment).batch(12)
validation = whole.skip(36){step}.batch(12)
"""


@pytest.mark.parametrize(("step", "found"), [(".map(augment)", True), ("", False), (".shuffle(12)", False)])
def test_a_map_for_both(step: str, found: bool, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    program = PICTURES + PIPELINE.format(step=step) + net("", "train, validation_data=validation")
    diagnosis = run_doctor(program, tmp_path, select=RULES)
    if found:
        assert ".map(augment)" in line_of(only(diagnosis, VALIDATION), tmp_path)
    else:
        silent(diagnosis, *RULES)


def test_trap_noise_that_is_the_task(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    program = (
        PICTURES
        + """
tf = __import__("tensorflow")
clean = tf.data.Dataset.from_tensor_slices(x / 255)
pairs = clean.map(lambda a: (a + tf.random.normal(tf.shape(a), stddev=0.1), a)).batch(12)
model = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(8, 3, padding="same", activation="relu"),
    layers.Conv2D(3, 3, padding="same")])
model.compile("adam", "mse")
model.fit(pairs, validation_data=pairs.take(1), epochs=2)
"""
    )
    silent(run_doctor(program, tmp_path, select=RULES), *RULES)


TABLE = """
import numpy as np, keras
from keras import layers
rng = np.random.default_rng(0)
table = rng.normal(40, 12, size=(300, 5))
y = (table[:, 0] > 40).astype(int)
normalise = layers.Normalization({given})
{adapt}
model = keras.Sequential([normalise, layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(table, y, epochs=2)
"""


def test_a_normalisation_that_knows_nothing(tmp_path: Path) -> None:
    diagnosis = run_doctor(TABLE.format(given="", adapt=""), tmp_path)
    finding = only(diagnosis, ADAPT)
    assert line_of(finding, tmp_path).startswith("normalise = layers.Normalization()")
    silent(run_doctor(repaired(diagnosis, ADAPT), tmp_path), *RULES)


@pytest.mark.parametrize(
    ("given", "adapt"),
    [("", "normalise.adapt(table)"), ("mean=40, variance=144", ""), ("", "table = (table - 40) / 12")],
)
def test_trap_a_normalisation_with_its_numbers(given: str, adapt: str, tmp_path: Path) -> None:
    silent(run_doctor(TABLE.format(given=given, adapt=adapt), tmp_path, select=RULES), *RULES)


SUBCLASS = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.augment = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.2)])
        self.conv = layers.Conv2D(4, 3, activation="relu")
        self.pool = layers.GlobalAveragePooling2D()
        self.out = layers.Dense(1, activation="sigmoid")

    def call(self, x, training=None):
        x = self.augment(x / 255, training={flag})
        return self.out(self.pool(self.conv(x)))

model = Net()
model.compile("adam", "binary_crossentropy")
model.fit(x, y, epochs=2)
"""


@pytest.mark.parametrize(("flag", "found"), [("False", True), ("training", False)])
def test_in_a_subclassed_model(flag: str, found: bool, tmp_path: Path) -> None:
    diagnosis = run_doctor(PICTURES + SUBCLASS.format(flag=flag), tmp_path, select=RULES)
    if found:
        assert line_of(only(diagnosis, INACTIVE), tmp_path).startswith("x = self.augment(x / 255")
    else:
        silent(diagnosis, *RULES)
