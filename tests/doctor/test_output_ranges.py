"""relu-output-signed-target and bounded-output-wide-target: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
SIGNED = "relu-output-signed-target"
WIDE = "bounded-output-wide-target"
RULES = (SIGNED, WIDE)

DATA = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
X = rng.uniform(-3, 3, size=(400, 2)).astype("float32")
square = X[:, :1] ** 2
slope = 2 * X[:, 0] - X[:, 1]

def rmse(t, p):
    return keras.ops.sqrt(keras.ops.mean(keras.ops.square(p - t)))
"""


def program(last: str, y: str, loss: str = "'mse'") -> str:
    """A small regression whose output is made by `last`."""
    return DATA + (
        "model = keras.Sequential()\n"
        "model.add(layers.Dense(16, activation='relu'))\n"
        f"{last}\n"
        f"model.compile(optimizer='adam', loss={loss})\n"
        f"model.fit(X, {y}, epochs=3)\n"
    )


@pytest.mark.parametrize(
    ("last", "y", "loss", "rule"),
    [
        ("model.add(layers.Dense(1, activation='relu'))", "slope", "'mse'", SIGNED),
        ("model.add(layers.Dense(1)); model.add(layers.Activation('relu'))", "slope", "'mae'", SIGNED),
        ("model.add(layers.Dense(1, 'relu'))", "slope", "rmse", SIGNED),
        ("model.add(layers.Dense(1, activation='sigmoid'))", "square", "'mse'", WIDE),
        ("model.add(layers.Dense(1, activation='tanh'))", "slope", "keras.losses.Huber()", WIDE),
        ("model.add(layers.Dense(2, activation='softmax'))", "3 * X", "'mse'", WIDE),
        ("model.add(layers.Dense(1, 'sigmoid'))", "np.sign(slope)", "'mse'", WIDE),
    ],
    ids=["relu", "relu-layer", "relu-own-loss", "sigmoid", "tanh", "softmax", "signs"],
)
def test_names_the_layer_and_is_mended(last: str, y: str, loss: str, rule: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(program(last, y, loss), tmp_path, select=RULES)
    finding = only(diagnosis, rule)
    assert [f.rule for f in diagnosis.all_findings] == [rule]
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == last
    silent(run_doctor(repaired(diagnosis, rule), tmp_path, select=RULES), *RULES)


def test_a_recurrent_layer_as_output(tmp_path: Path) -> None:
    source = (
        program("", "slope")
        .replace("model.add(layers.Dense(16, activation='relu'))", "")
        .replace(
            "model = keras.Sequential()",
            "X = X[:, :, None]\nmodel = keras.Sequential()\nmodel.add(layers.LSTM(1))",
        )
    )
    finding = only(run_doctor(source, tmp_path, select=RULES), WIDE)
    assert line_of(finding, tmp_path) == "model.add(layers.LSTM(1))"


def test_a_function_in_a_call(tmp_path: Path) -> None:
    source = DATA + (
        "class Net(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = layers.Dense(8, activation='relu')\n"
        "        self.b = layers.Dense(1)\n"
        "    def call(self, x):\n"
        "        return keras.ops.sigmoid(self.b(self.a(x)))\n"
        "model = Net()\nmodel.compile('adam', 'mse')\nmodel.fit(X, square)\n"
    )
    finding = only(run_doctor(source, tmp_path, select=RULES), WIDE)
    assert line_of(finding, tmp_path).startswith("self.b = ")


@pytest.mark.parametrize(
    ("last", "y", "loss"),
    [
        ("model.add(layers.Dense(1, 'relu'))", "square", "'mse'"),
        ("model.add(layers.Dense(1, 'relu'))", "square + rng.normal(size=square.shape) * 0.05", "'mse'"),
        ("model.add(layers.Dense(1, 'softplus'))", "square", "rmse"),
        ("model.add(layers.Dense(1, 'sigmoid'))", "square / square.max()", "'mse'"),
        ("model.add(layers.Dense(1, 'sigmoid'))", "square / np.quantile(square, 0.98)", "'mse'"),
        (
            "model.add(layers.Dense(2, 'tanh'))",
            "np.concatenate([np.sin(X[:, :1]), np.cos(X[:, :1])], 1)",
            "'mse'",
        ),
        ("model.add(layers.Dense(1))", "slope", "'mse'"),
        ("model.add(layers.Dense(1, 'sigmoid')); model.add(layers.Rescaling(9.0))", "square", "'mse'"),
        ("model.add(layers.Dense(1, 'tanh'))", "(slope > 0) * 1.0", "'hinge'"),
    ],
    ids=["prices", "noise", "softplus", "scaled", "outliers", "angles", "linear", "scaled-back", "hinge"],
)
def test_traps(last: str, y: str, loss: str, tmp_path: Path) -> None:
    silent(run_doctor(program(last, y, loss), tmp_path, select=RULES), *RULES)
