"""sigmoid-exclusive-classes: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "sigmoid-exclusive-classes"

FAULTY = """
import numpy as np
from sklearn.datasets import load_iris
from keras.models import Sequential
from keras.layers import Dense, Input
from keras.utils import to_categorical

X, ids = load_iris(return_X_y=True)
Y = to_categorical(ids)
model = Sequential()
model.add(Input(shape=(4,)))
model.add(Dense(4, activation="relu"))
model.add(Dense(3, activation="sigmoid"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X, Y, epochs=20, batch_size=5)
"""


def test_names_the_layer_and_is_mended(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path) == 'model.add(Dense(3, activation="sigmoid"))'
    mended = repaired(diagnosis, RULE)
    assert 'Dense(3, activation="softmax")' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('loss="categorical_crossentropy"', 'loss="sparse_categorical_crossentropy"'),
        ('Dense(3, activation="sigmoid"))', 'Dense(3))\nmodel.add(Activation("sigmoid"))'),
        ("ids)\n", "ids) * 0.9 + 0.1 / 3\n"),
    ],
    ids=["ids", "own-layer", "smoothed"],
)
def test_other_forms(old: str, new: str, tmp_path: Path) -> None:
    program = FAULTY.replace(old, new).replace("Dense, Input", "Dense, Input, Activation")
    if "sparse" in new:
        program = program.replace("fit(X, Y", "fit(X, ids")
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    assert "sigmoid" in line_of(only(diagnosis, RULE), tmp_path)
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path, select=(RULE,)), RULE)


def test_in_a_model_of_two_outputs(tmp_path: Path) -> None:
    diagnosis = run_doctor(
        """
        import numpy as np, keras
        from keras import layers
        rng = np.random.default_rng(0)
        X = rng.normal(size=(200, 6)).astype("float32")
        size = X[:, 0] * 2
        kind = keras.utils.to_categorical(X[:, :3].argmax(axis=1))
        inputs = keras.Input((6,))
        h = layers.Dense(16, activation="relu")(inputs)
        a = layers.Dense(1, name="size")(h)
        b = layers.Dense(3, activation="sigmoid", name="kind")(h)
        model = keras.Model(inputs, [a, b])
        model.compile("adam", loss={"size": "mse", "kind": "categorical_crossentropy"})
        model.fit(X, {"size": size, "kind": kind}, verbose=0)
        """,
        tmp_path,
        select=(RULE,),
    )
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("b = ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("categorical_crossentropy", "binary_crossentropy"),
        ("Y = to_categorical(ids)", "Y = (X > X.mean(axis=0))[:, :3].astype('float32')"),
        (
            "Dense(4, activation",
            "Dense(4, activation='sigmoid'))\nmodel.add(Dense(3, activation='softmax'))\n#",
        ),
    ],
    ids=["one-classifier-a-class", "several-labels-a-row", "gate-inside"],
)
def test_traps(old: str, new: str, tmp_path: Path) -> None:
    program = FAULTY.replace(old, new)
    if "#" in new:
        program = program.replace('model.add(Dense(3, activation="sigmoid"))\n', "")
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
