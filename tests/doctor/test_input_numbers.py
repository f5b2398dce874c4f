"""Unscaled pixels and columns, missing values and their codes: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

PIXELS, COLUMNS, MISSING, CODES = RULES = (
    "pixels-unscaled",
    "features-unscaled",
    "nan-in-data",
    "sentinel-values",
)

DIGITS = """
import numpy as np
import keras
from keras import layers
from keras.models import Sequential
from keras.layers import Conv2D, Dense, Flatten, MaxPooling2D, Rescaling, BatchNormalization
from sklearn.datasets import load_digits

digits = load_digits()
images = np.kron(digits.images, np.ones((2, 2))) * 15.9
x_train = images.astype("uint8")
y_train = digits.target
"""

CONV = """
x_train = x_train.reshape(-1, 16, 16, 1)
model = Sequential([
    keras.Input((16, 16, 1)),
    {first}Conv2D(8, 3, activation="relu"),
    {then}MaxPooling2D(),
    Flatten(),
    Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, epochs=3)
"""

DENSE = """
x_train = x_train.reshape(-1, 256).astype("float32")
model = Sequential()
model.add(Dense(64, activation="{activation}", input_shape=(256,)))
model.add(Dense(10, activation="softmax"))
model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=3)
"""

ADDED = """
x_train = x_train.reshape((1797, 256))
model = Sequential()
model.add(keras.Input((256,)))
model.add(Dense(64, activation="relu"))
model.add(Dense(10, activation="softmax"))
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=3)
"""


@pytest.mark.parametrize(
    "model",
    [CONV.format(first="", then=""), DENSE.format(activation="sigmoid"), DENSE.format(activation="relu")],
)
def test_bytes_into_a_net_from_scratch(model: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(DIGITS + model, tmp_path, select=RULES)
    finding = only(diagnosis, PIXELS)
    assert line_of(finding, tmp_path).startswith("x_train = x_train.reshape(")
    assert len(diagnosis.all_findings) == 1
    silent(run_doctor(repaired(diagnosis, PIXELS), tmp_path, select=RULES), *RULES)


def test_rows_of_pixels_that_are_no_whole_numbers(tmp_path: Path) -> None:
    program = DIGITS + "x_train = digits.images * 255 / 16\n" + ADDED.replace("256", "64")
    diagnosis = run_doctor(program, tmp_path, select=RULES)
    assert [f.rule for f in diagnosis.all_findings] == [PIXELS]


def test_the_edit_in_lines_of_add(tmp_path: Path) -> None:
    diagnosis = run_doctor(DIGITS + ADDED, tmp_path, select=RULES)
    mended = repaired(diagnosis, PIXELS)
    assert "model.add(Rescaling(1 / 255))\nmodel.add(Dense(64" in mended
    silent(run_doctor(mended, tmp_path, select=RULES), *RULES)


@pytest.mark.parametrize(
    ("before", "first", "then"),
    [
        ("x_train = x_train / 255.0", "", ""),
        ("", "Rescaling(1 / 255), ", ""),
        ("", "BatchNormalization(), ", ""),
        ("", "", "BatchNormalization(), "),
        ("", "layers.Lambda(lambda t: keras.ops.cast(t, 'float32') / 255), ", ""),
        ("x_train = (x_train > 127) * 1", "", ""),
    ],
)
def test_trap_pixels_that_are_scaled_somewhere(before: str, first: str, then: str, tmp_path: Path) -> None:
    program = DIGITS + before + CONV.format(first=first, then=then)
    silent(run_doctor(program, tmp_path, select=RULES), *RULES)


def test_trap_words_are_no_pixels(tmp_path: Path) -> None:
    program = """
    import numpy as np, keras
    from keras import layers
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, size=(300, 100))
    y = (x[:, :10].mean(axis=1) > 127).astype(int)
    model = keras.Sequential([layers.Embedding(256, 8), layers.GlobalAveragePooling1D(), layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    model.fit(x, y)
    """
    silent(run_doctor(program, tmp_path, select=RULES), *RULES)


TABLE = """
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
n = 800
age = rng.uniform(18, 80, n)
income = rng.lognormal(10.5, 0.4, n)
rooms = rng.integers(1, 8, n)
share = rng.uniform(0, 1, n)
table = np.stack([age, income, rooms, share], axis=1)
y = ((age - 49) / 18 + 2 * (share - 0.5) > 0).astype(int)
"""

FIT = """
model = keras.Sequential([
    keras.Input((4,)),
    {first}layers.Dense(16, activation="{activation}"),
    layers.Dense(1, activation="sigmoid"),
])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(table, y, epochs=20, batch_size=32)
"""


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_columns_in_thousands(activation: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(TABLE + FIT.format(first="", activation=activation), tmp_path, select=RULES)
    finding = only(diagnosis, COLUMNS)
    assert line_of(finding, tmp_path).startswith("table = np.stack(")
    assert len(diagnosis.all_findings) == 1


@pytest.mark.parametrize(
    ("before", "first"),
    [
        ("table = (table - table.mean(axis=0)) / table.std(axis=0)", ""),
        ("normalise = layers.Normalization()\nnormalise.adapt(table)", "normalise, "),
        ("", "layers.BatchNormalization(), "),
    ],
)
def test_columns_scaled(before: str, first: str, tmp_path: Path) -> None:
    program = TABLE + before + FIT.format(first=first, activation="relu")
    silent(run_doctor(program, tmp_path, select=RULES), *RULES)


def test_a_line_over_a_wide_range(tmp_path: Path) -> None:
    program = """
    import numpy as np, keras
    x = np.arange(-100, 100).reshape(-1, 1)
    y = x ** 2
    model = keras.Sequential()
    model.add(keras.layers.Dense(8, activation="sigmoid", input_shape=(1,)))
    model.add(keras.layers.Dense(1))
    model.compile(optimizer="adam", loss="mse")
    model.fit(x, y, epochs=50)
    """
    assert line_of(only(run_doctor(program, tmp_path, select=RULES), COLUMNS), tmp_path).startswith(
        "x = np.arange"
    )


@pytest.mark.parametrize(
    "program",
    [
        # Flowers, in centimetres.
        """
        import keras
        from sklearn.datasets import load_iris
        x, y = load_iris(return_X_y=True)
        model = keras.Sequential([keras.layers.Dense(16, "relu"), keras.layers.Dense(3, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x, y, epochs=50, batch_size=8)
        """,
        # Degrees, a line, and a rate that suits them.
        """
        import numpy as np, keras
        x = np.array([-40, -10, 0, 8, 15, 22, 38, 60], dtype=float)
        y = x * 1.8 + 32
        model = keras.Sequential([keras.layers.Dense(1, input_shape=(1,))])
        model.compile(keras.optimizers.Adam(0.1), "mse")
        model.fit(x.reshape(-1, 1), y, epochs=500)
        """,
        # Ranks.
        """
        import numpy as np, keras
        rng = np.random.default_rng(0)
        x = np.argsort(rng.normal(size=(60, 3)), axis=0).astype(float)
        y = x.sum(axis=1) / 60
        model = keras.Sequential([keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
        model.compile("adam", "mse")
        model.fit(x, y, epochs=100, batch_size=8)
        """,
        # Rows of one-hot columns, and a column of counts.
        """
        import numpy as np, keras
        rng = np.random.default_rng(0)
        kinds = np.eye(5)[rng.integers(0, 5, 300)]
        x = np.column_stack([kinds, rng.poisson(4, 300)])
        y = (kinds[:, 2] + (x[:, 5] > 5) > 0).astype(int)
        model = keras.Sequential([keras.layers.Dense(16, "relu"), keras.layers.Dense(1, "sigmoid")])
        model.compile("adam", "binary_crossentropy")
        model.fit(x, y, epochs=30)
        """,
    ],
    ids=["iris", "degrees", "ranks", "one-hot"],
)
def test_trap_columns_that_do_no_harm(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=RULES), *RULES)


SCALED = TABLE + "table = (table - table.mean(axis=0)) / table.std(axis=0)\n"


@pytest.mark.parametrize(
    ("fault", "where", "line"),
    [
        ("table[17, 2] = np.nan", "x", "table[17, 2]"),
        ("table = np.log(np.maximum(table, -1) + 1)", "x", "table = np.log"),
        ("y = y.astype(float)\ny[3] = np.nan", "y", "y[3] ="),
    ],
)
def test_values_that_are_not_finite(fault: str, where: str, line: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(SCALED + fault + FIT.format(first="", activation="relu"), tmp_path, select=RULES)
    finding = only(diagnosis, MISSING)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith(line)
    assert finding.message.startswith(where)
    assert len(diagnosis.all_findings) == 1


@pytest.mark.parametrize(
    ("before", "first", "loss"),
    [
        ("", "", ""),
        (
            "table[17, 2] = np.nan",
            "layers.Lambda(lambda t: keras.ops.where(keras.ops.isnan(t), 0.0, t)), ",
            "",
        ),
        (
            "y = y.astype('float32')\ny[3] = np.nan\n"
            "def masked(true, given):\n"
            "    there = keras.ops.logical_not(keras.ops.isnan(true))\n"
            "    true = keras.ops.where(there, true, 0.0)\n"
            "    return keras.ops.mean(keras.ops.square(true - given) * keras.ops.cast(there, 'float32'))\n",
            "",
            "masked",
        ),
    ],
)
def test_trap_missing_values_that_the_model_masks(before: str, first: str, loss: str, tmp_path: Path) -> None:
    program = SCALED + before + FIT.format(first=first, activation="relu")
    if loss:
        program = program.replace('"binary_crossentropy"', loss)
    silent(run_doctor(program, tmp_path, select=RULES), *RULES)


MARKED = SCALED + "\ntable[rng.random(n) < 0.1, 1] = -999\n"


def test_a_code_for_missing_values(tmp_path: Path) -> None:
    diagnosis = run_doctor(MARKED + FIT.format(first="", activation="relu"), tmp_path, select=(CODES,))
    finding = only(diagnosis, CODES)
    assert line_of(finding, tmp_path).startswith("table[rng.random(n)")
    assert finding.evidence["the code"] == -999


@pytest.mark.parametrize(
    ("before", "first"),
    [
        ("table = np.where(table == -999, 0, table)", ""),
        ("", "layers.Lambda(lambda t: keras.ops.where(t == -999.0, 0.0, t)), "),
        ("table = np.where(table == -999, rng.uniform(-999, 999, table.shape), table)", ""),
    ],
)
def test_trap_codes_that_are_dealt_with(before: str, first: str, tmp_path: Path) -> None:
    program = MARKED + before + FIT.format(first=first, activation="relu")
    silent(run_doctor(program, tmp_path, select=(CODES,)), CODES)
