"""relu-output-classes and tanh-output-binary-loss: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RELU = "relu-output-classes"
TANH = "tanh-output-binary-loss"
RULES = (RELU, TANH, "logits-without-flag")

DATA = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 6)).astype("float32")
ids = X[:, :3].argmax(axis=1)
yes = (X[:, 0] > 0).astype("float32")
hot = keras.utils.to_categorical(ids)
"""


def program(last: str, loss: str, y: str) -> str:
    """A small classifier whose output is made by `last`."""
    return DATA + (
        "model = keras.Sequential()\n"
        "model.add(layers.Dense(16, activation='relu'))\n"
        f"{last}\n"
        f"model.compile('adam', {loss})\n"
        f"model.fit(X, {y}, epochs=3)\n"
    )


@pytest.mark.parametrize(
    ("last", "loss", "y", "rule", "severity"),
    [
        ("model.add(layers.Dense(3, activation='relu'))", "'categorical_crossentropy'", "hot", RELU, "error"),
        (
            "model.add(layers.Dense(3)); model.add(layers.ReLU())",
            "'categorical_crossentropy'",
            "hot",
            RELU,
            "error",
        ),
        ("model.add(layers.Dense(1, 'relu'))", "'binary_crossentropy'", "yes", RELU, "error"),
        (
            "model.add(layers.Dense(3, 'relu'))",
            "keras.losses.SparseCategoricalCrossentropy(from_logits=True)",
            "ids",
            RELU,
            "warning",
        ),
        ("model.add(layers.Dense(1, activation='tanh'))", "'binary_crossentropy'", "yes", TANH, "error"),
        (
            "model.add(layers.Dense(1)); model.add(layers.Activation('tanh'))",
            "keras.losses.BinaryCrossentropy()",
            "yes",
            TANH,
            "error",
        ),
    ],
    ids=["relu", "relu-layer", "relu-binary", "relu-flag", "tanh", "tanh-layer"],
)
def test_names_the_layer_and_is_mended(
    last: str, loss: str, y: str, rule: str, severity: str, tmp_path: Path
) -> None:
    diagnosis = run_doctor(program(last, loss, y), tmp_path, select=RULES)
    finding = only(diagnosis, rule)
    assert [f.rule for f in diagnosis.all_findings] == [rule]
    assert finding.severity == severity
    assert line_of(finding, tmp_path) == last
    silent(run_doctor(repaired(diagnosis, rule), tmp_path, select=RULES), *RULES)


def test_relu_in_a_call(tmp_path: Path) -> None:
    source = DATA + (
        "class Net(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = layers.Dense(8, activation='relu')\n"
        "        self.b = layers.Dense(3)\n"
        "    def call(self, x):\n"
        "        return keras.ops.relu(self.b(self.a(x)))\n"
        "model = Net()\nmodel.compile('adam', 'sparse_categorical_crossentropy')\nmodel.fit(X, ids)\n"
    )
    finding = only(run_doctor(source, tmp_path, select=RULES), RELU)
    assert line_of(finding, tmp_path).startswith("self.b = ")


@pytest.mark.parametrize(
    ("last", "loss", "y"),
    [
        (
            "model.add(layers.Dense(3, 'relu')); model.add(layers.Softmax())",
            "'categorical_crossentropy'",
            "hot",
        ),
        ("model.add(layers.Dense(1, 'relu'))", "'mse'", "np.abs(X[:, 0])"),
        ("model.add(layers.Dense(1, 'relu'))", "'poisson'", "np.round(np.abs(X[:, 0]))"),
        ("model.add(layers.Dense(1, 'tanh'))", "'hinge'", "yes"),
        ("model.add(layers.Dense(1, 'tanh'))", "'mse'", "np.sin(X[:, 0])"),
    ],
    ids=["relu-then-softmax", "prices", "counts", "hinge", "angles"],
)
def test_traps(last: str, loss: str, y: str, tmp_path: Path) -> None:
    silent(run_doctor(program(last, loss, y), tmp_path, select=RULES), *RULES)


@pytest.mark.parametrize(("bias", "dead"), [("-40.0", True), ("0.1", False)])
def test_relu_under_a_squared_error(bias: str, dead: bool, tmp_path: Path) -> None:
    """No fault in itself: only where the output is 0 and no gradient comes."""
    source = f"""
    import keras
    from sklearn.datasets import load_digits
    from keras.layers import Dense
    X, ids = load_digits(return_X_y=True)
    Y = keras.utils.to_categorical(ids)
    start = keras.initializers.Constant({bias})
    model = keras.Sequential()
    model.add(Dense(32, activation="relu"))
    model.add(Dense(10, activation="relu", bias_initializer=start))
    model.compile("adam", "mse")
    model.fit(X / 16, Y, epochs=10)
    """
    found = run_doctor(source, tmp_path, select=(RELU,)).of(RELU)
    assert [line_of(f, tmp_path) for f in found] == (
        ['model.add(Dense(10, activation="relu", bias_initializer=start))'] if dead else []
    )
