"""nb-arguments: faults, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "nb-arguments"

PICTURES = """
import numpy as np
import keras
from keras.models import Sequential, Model
from keras.layers import Convolution2D, Conv2D, Dense, Dropout, Embedding, Flatten, Input, LSTM

rng = np.random.default_rng(0)
X = rng.uniform(size=(64, 12, 12, 1)).astype("float32")
y = (X[:, 0, 0, 0] > 0.5).astype("int32")
model = Sequential()
model.add(Input((12, 12, 1)))
{first}
model.add(Flatten())
{second}
model.add(Dense(1, activation="sigmoid"))
model.compile("adam", "binary_crossentropy")
model.fit(X, y, {epochs})
"""
PLAIN = {
    "first": 'model.add(Conv2D(4, 3, activation="relu"))',
    "second": "model.add(Dense(4))",
    "epochs": "epochs=1",
}


@pytest.mark.parametrize(
    ("old", "right"),
    [
        ({"epochs": "nb_epoch=2"}, "epochs=2"),
        (
            {"second": 'model.add(Dense(output_dim=4, init="uniform"))'},
            'Dense(units=4, kernel_initializer="uniform")',
        ),
        ({"second": "model.add(Dropout(p=0.5))"}, "Dropout(rate=0.5)"),
        (
            {"first": 'model.add(Convolution2D(4, 3, 3, border_mode="same"))'},
            "Convolution2D(4, (3, 3), padding='same')",
        ),
        ({"first": 'model.add(Convolution2D(4, 3, 3, activation="relu"))'}, "Convolution2D(4, (3, 3)"),
        (
            {"first": "model.add(Convolution2D(nb_filter=4, kernel_size=3))"},
            "Convolution2D(filters=4, kernel_size=3)",
        ),
    ],
)
def test_names_goes_on_and_mends(old: dict[str, str], right: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(PICTURES.format(**{**PLAIN, **old}), tmp_path, select=(RULE,))
    assert diagnosis.fits == 1, diagnosis.crash
    finding = only(diagnosis, RULE)
    key = next(iter(old))
    assert line_of(finding, tmp_path).startswith("model.fit(" if key == "epochs" else old[key])
    mended = repaired(diagnosis, RULE)
    assert right in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_a_functional_model(tmp_path: Path) -> None:
    program = PICTURES.format(**PLAIN) + ""
    program = program.replace(
        "model = Sequential()",
        "a = Input((3,))\nm = Model(input=a, output=Dense(1)(a))\nmodel = Sequential()",
    )
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("m = Model(")
    mended = repaired(diagnosis, RULE)
    assert "Model(inputs=a, outputs=Dense(1)(a))" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "first",
    [
        "model.add(Conv2D(4, 3, 3))",
        "model.add(Convolution2D(4, (3, 3)))",
        "class Mine(keras.layers.Dense):\n    def __init__(self, output_dim, **k):\n        super().__init__(output_dim, **k)\n"
        "model.add(Mine(output_dim=2))",
    ],
    ids=["patches", "pair", "own layer"],
)
def test_traps(first: str, tmp_path: Path) -> None:
    silent(run_doctor(PICTURES.format(**{**PLAIN, "first": first}), tmp_path, select=(RULE,)), RULE)


def test_classes_are_left_as_they_were(tmp_path: Path) -> None:
    import keras

    before = {cls: vars(cls).get("__init__") for cls in (keras.layers.Dense, keras.layers.Dropout)}
    run_doctor(PICTURES.format(**{**PLAIN, "second": "model.add(Dropout(p=0.5))"}), tmp_path, select=(RULE,))
    assert all(vars(cls).get("__init__") is init for cls, init in before.items())
