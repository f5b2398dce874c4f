"""softmax-one-unit: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "softmax-one-unit"

DATA = """
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, Input

rng = np.random.default_rng(0)
X = rng.normal(size=(200, 8)).astype("float32")
y = (X[:, 0] + X[:, 1] > 0).astype("int32")
"""

FAULTY = (
    DATA
    + """
model = Sequential()
model.add(Input(shape=(8,)))
model.add(Dense(16, activation="relu"))
model.add(Dense(1, activation="softmax"))  # the last one
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X, y, epochs=3, batch_size=32)
"""
)


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path), RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith('model.add(Dense(1, activation="softmax"))')
    assert finding.evidence["lowest"] == finding.evidence["highest"] == 1.0


def test_the_edit_mends_it_and_keeps_the_comment(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path), RULE)
    assert 'model.add(Dense(1, activation="sigmoid"))  # the last one' in mended
    silent(run_doctor(mended, tmp_path), RULE)


@pytest.mark.parametrize(
    "model",
    [
        "inputs = keras.Input((8,)); h = keras.layers.Dense(4)(inputs)\n"
        "outputs = keras.layers.Softmax()(keras.layers.Dense(1)(h)); model = keras.Model(inputs, outputs)",
        'model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(1), keras.layers.Activation("softmax")])',
        'head = keras.Sequential([keras.layers.Dense(1, "softmax")]); model = keras.Sequential([keras.layers.Dense(4), head])',
        "class Net(keras.Model):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = keras.layers.Dense(4)\n"
        '        self.b = keras.layers.Dense(1, activation="softmax")\n'
        "    def call(self, x):\n"
        "        return self.b(self.a(x))\n"
        "model = Net()",
    ],
    ids=["functional", "activation-layer", "nested", "subclassed"],
)
def test_in_every_kind_of_model(model: str, tmp_path: Path) -> None:
    program = DATA + f"import keras\n{model}\nmodel.compile('adam', 'binary_crossentropy')\nmodel.fit(X, y)\n"
    diagnosis = run_doctor(program, tmp_path)
    finding = only(diagnosis, RULE)
    assert "oftmax" in line_of(finding, tmp_path)
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path), RULE)


def test_trap_attention_over_time_steps(tmp_path: Path) -> None:
    diagnosis = run_doctor(
        """
        import numpy as np, keras
        from keras import layers
        rng = np.random.default_rng(0)
        X = rng.normal(size=(64, 6, 4)).astype("float32")
        y = (X[:, :, 0].mean(axis=1) > 0).astype("float32")
        inputs = keras.Input((6, 4))
        scores = layers.Softmax(axis=1)(layers.Dense(1)(inputs))
        pooled = layers.Flatten()(layers.Dot(axes=1)([scores, inputs]))
        model = keras.Model(inputs, layers.Dense(1, activation="sigmoid")(pooled))
        model.compile("adam", "binary_crossentropy")
        model.fit(X, y, verbose=0)
        """,
        tmp_path,
    )
    silent(diagnosis, RULE)


def test_trap_two_units(tmp_path: Path) -> None:
    program = FAULTY.replace("Dense(1, ", "Dense(2, ").replace("binary_cross", "sparse_categorical_cross")
    silent(run_doctor(program, tmp_path), RULE)


def test_a_comment_silences_it(tmp_path: Path) -> None:
    program = FAULTY.replace("# the last one", "# headstart: ignore[softmax-one-unit]")
    silent(run_doctor(program, tmp_path), RULE)
