"""double-softmax: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

from headstart.core import backend

pytestmark = pytest.mark.gradients
RULE = "double-softmax"

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
model = keras.Sequential()
model.add(layers.Dense(16, activation="relu"))
model.add(layers.Dense(3, activation="softmax"))
model.compile(
    optimizer="adam",
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
model.fit(X, ids, epochs=5)
"""
)


def test_names_the_loss_and_is_mended(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    # TensorFlow finds the raw values behind the softmax; the other backends do not.
    hidden = backend.choose(gradients=True) == "tensorflow"
    assert finding.severity == ("warning" if hidden else "error")
    assert "from_logits=True" in line_of(finding, tmp_path)
    assert finding.evidence["loss of these probabilities"] != finding.evidence["loss as if raw"]
    mended = repaired(diagnosis, RULE)
    assert "SparseCategoricalCrossentropy()" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    ("layers_text", "loss", "y"),
    [
        ("layers.Dense(3, 'softmax'), layers.Softmax()", "'sparse_categorical_crossentropy'", "ids"),
        (
            "layers.Dense(3, 'softmax'), layers.Activation('softmax')",
            "'sparse_categorical_crossentropy'",
            "ids",
        ),
        ("layers.Dense(1, 'sigmoid'), layers.Activation('sigmoid')", "'binary_crossentropy'", "yes"),
        ("layers.Dense(1, 'sigmoid')", "keras.losses.BinaryCrossentropy(from_logits=True)", "yes"),
        (
            "layers.Dense(3), layers.Lambda(lambda t: keras.ops.softmax(t))",
            "keras.losses.SparseCategoricalCrossentropy(True)",
            "ids",
        ),
    ],
    ids=["softmax-layer", "activation-layer", "sigmoid-layer", "sigmoid-in-loss", "lambda"],
)
def test_other_forms(layers_text: str, loss: str, y: str, tmp_path: Path) -> None:
    program = (
        DATA
        + f"model = keras.Sequential([layers.Dense(16, 'relu'), {layers_text}])\n"
        + f"model.compile('adam', {loss})\nmodel.fit(X, {y})\n"
    )
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    only(diagnosis, RULE)
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path, select=(RULE,)), RULE)


def test_in_a_call(tmp_path: Path) -> None:
    program = DATA + (
        "class Net(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = layers.Dense(8, activation='relu')\n"
        "        self.b = layers.Dense(3, activation='softmax')\n"
        "    def call(self, x):\n"
        "        return keras.ops.softmax(self.b(self.a(x)))\n"
        "model = Net()\nmodel.compile('adam', 'sparse_categorical_crossentropy')\nmodel.fit(X, ids)\n"
    )
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("self.b = ")


@pytest.mark.parametrize(
    ("layers_text", "loss"),
    [
        ("layers.Dense(3)", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
        ("layers.Dense(3), layers.Softmax()", "'sparse_categorical_crossentropy'"),
        ("layers.Dense(3, 'relu'), layers.Softmax()", "'sparse_categorical_crossentropy'"),
        ("layers.Dense(3, 'softmax'), layers.Dense(3, 'softmax')", "'sparse_categorical_crossentropy'"),
    ],
    ids=["flag", "one", "relu-before", "another-layer"],
)
def test_traps(layers_text: str, loss: str, tmp_path: Path) -> None:
    program = (
        DATA
        + f"model = keras.Sequential([layers.Dense(16, 'relu'), {layers_text}])\n"
        + f"model.compile('adam', {loss})\nmodel.fit(X, ids)\n"
    )
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)


def test_trap_attention(tmp_path: Path) -> None:
    program = DATA + (
        "inputs = keras.Input((6,))\n"
        "gate = layers.Dense(6, activation='softmax')(inputs)\n"
        "h = layers.Multiply()([inputs, gate])\n"
        "model = keras.Model(inputs, layers.Dense(3, activation='softmax')(h))\n"
        "model.compile('adam', 'sparse_categorical_crossentropy')\nmodel.fit(X, ids)\n"
    )
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
