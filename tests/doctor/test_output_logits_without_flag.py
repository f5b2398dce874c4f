"""logits-without-flag: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "logits-without-flag"

DATA = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 6)).astype("float32")
ids = X[:, :3].argmax(axis=1)
yes = (X[:, 0] > 0).astype("float32")
"""

FAULTY = (
    DATA
    + """
model = keras.Sequential([
    layers.Input((6,)),
    layers.Dense(16, activation="relu"),
    layers.Dense(3),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(X, ids, epochs=5)
"""
)


def test_names_the_layer_and_is_mended(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == "layers.Dense(3),"
    assert finding.evidence["lowest output"] < 0
    assert finding.evidence["with from_logits=True"] < finding.evidence["loss at the start"]
    mended = repaired(diagnosis, RULE)
    assert 'layers.Dense(3, activation="softmax")' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    ("layer", "loss", "y"),
    [
        ("layers.Dense(1)", "'binary_crossentropy'", "yes"),
        ("layers.Dense(3)", "keras.losses.CategoricalCrossentropy()", "keras.utils.to_categorical(ids)"),
        ("layers.Dense(3, 'tanh')", "'categorical_crossentropy'", "keras.utils.to_categorical(ids)"),
        ("layers.Dense(3), layers.BatchNormalization()", "'sparse_categorical_crossentropy'", "ids"),
    ],
    ids=["binary", "object", "tanh", "normalisation-last"],
)
def test_other_forms(layer: str, loss: str, y: str, tmp_path: Path) -> None:
    program = (
        DATA
        + f"model = keras.Sequential([layers.Dense(16, 'relu'), {layer}])\n"
        + f"model.compile('adam', {loss})\nmodel.fit(X, {y})\n"
    )
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("model = keras.Sequential")
    if "Batch" not in layer:
        silent(run_doctor(repaired(diagnosis, RULE), tmp_path, select=(RULE,)), RULE)


def test_in_a_subclass(tmp_path: Path) -> None:
    program = DATA + (
        "class Net(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = layers.Dense(8, activation='relu')\n"
        "        self.b = layers.Dense(3)\n"
        "    def call(self, x):\n"
        "        return self.b(self.a(x))\n"
        "model = Net()\nmodel.compile('adam', 'sparse_categorical_crossentropy')\nmodel.fit(X, ids)\n"
    )
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert line_of(finding, tmp_path) == "self.b = layers.Dense(3)"


@pytest.mark.parametrize(
    ("layers_text", "loss"),
    [
        ("layers.Dense(3)", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
        ("layers.Dense(3), layers.Activation('softmax')", "'sparse_categorical_crossentropy'"),
        ("layers.Dense(3), layers.Softmax()", "'sparse_categorical_crossentropy'"),
        (
            "layers.Dense(3), layers.Lambda(lambda t: keras.ops.softmax(t))",
            "'sparse_categorical_crossentropy'",
        ),
        (
            "keras.Sequential([layers.Dense(3), layers.Activation('softmax')])",
            "'sparse_categorical_crossentropy'",
        ),
        ("layers.Dense(3)", "own"),
        ("layers.Dense(3)", "lambda t, p: own(t, p)"),
    ],
    ids=["flag", "own-layer", "softmax-layer", "lambda", "nested", "own-loss", "lambda-loss"],
)
def test_traps(layers_text: str, loss: str, tmp_path: Path) -> None:
    program = (
        DATA
        + "def own(t, p):\n    return keras.losses.sparse_categorical_crossentropy(t, p, from_logits=True)\n"
        + f"model = keras.Sequential([layers.Dense(16, 'relu'), {layers_text}])\n"
        + f"model.compile('adam', {loss})\nmodel.fit(X, ids)\n"
    )
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)


def test_trap_regression(tmp_path: Path) -> None:
    program = DATA + (
        "model = keras.Sequential([layers.Dense(16, 'relu'), layers.Dense(1)])\n"
        "model.compile('adam', 'mse')\nmodel.fit(X, X[:, 0] * 3)\n"
    )
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)


def test_raw_values_that_happen_to_lie_within(tmp_path: Path) -> None:
    program = DATA + (
        "near = keras.initializers.RandomNormal(stddev=0.01)\n"
        "model = keras.Sequential([\n    layers.Dense(8, 'relu'),\n"
        "    layers.Dense(1, kernel_initializer=near, bias_initializer=keras.initializers.Constant(0.5)),\n])\n"
        "model.compile('adam', 'binary_crossentropy')\nmodel.fit(X, yes)\n"
    )
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert finding.evidence["share outside 0..1"] == 0
