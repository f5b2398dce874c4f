"""Test rows and new pictures that are not prepared as the training's are: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients

APART, RANGE, LOADER = RULES = ("train-test-scaled-apart", "predict-input-range", "predict-loader-mismatch")

TABLE = """
import numpy as np, keras
from keras import layers
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler

rng = np.random.default_rng(0)
X = rng.normal(5, 3, size=(300, 4))
y = (X[:, 0] > 5).astype(int)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
scaler = {scaler}()
{scale}
model = keras.Sequential([keras.Input((4,)), layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, epochs=5{validation})
{after}
"""

EVALUATE = "print(model.evaluate(X_test, y_test))"


@pytest.mark.parametrize("scaler", ["StandardScaler", "MinMaxScaler"])
@pytest.mark.parametrize(
    ("validation", "after"), [(", validation_data=(X_test, y_test)", ""), ("", EVALUATE)]
)
def test_each_set_by_its_own_numbers(scaler: str, validation: str, after: str, tmp_path: Path) -> None:
    scale = "X_train = scaler.fit_transform(X_train)\nX_test = scaler.fit_transform(X_test)"
    program = TABLE.format(scaler=scaler, scale=scale, validation=validation, after=after)
    finding = only(run_doctor(program, tmp_path, select=RULES), APART)
    assert line_of(finding, tmp_path) == "X_test = scaler.fit_transform(X_test)"


@pytest.mark.parametrize(
    "scale",
    [
        "X_train = scaler.fit_transform(X_train)\nX_test = scaler.transform(X_test)",
        "X = scaler.fit_transform(X)\nX_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)",
        "mean, std = X_train.mean(axis=0), X_train.std(axis=0)\nX_train = (X_train - mean) / std\n"
        "X_test = (X_test - mean) / std",
        # Row by row, as pictures and series are.
        "X_train, X_test = ((a - a.mean(axis=1, keepdims=True)) / a.std(axis=1, keepdims=True) for a in (X_train, X_test))",
        "",
    ],
)
def test_trap_one_scale_for_both(scale: str, tmp_path: Path) -> None:
    program = TABLE.format(
        scaler="StandardScaler", scale=scale, validation=", validation_data=(X_test, y_test)", after=EVALUATE
    )
    silent(run_doctor(program, tmp_path, select=RULES), *RULES)


DIGITS = """
import numpy as np, keras
from keras import layers
from sklearn.datasets import load_digits
digits = load_digits()
images = (np.kron(digits.images, np.ones((2, 2))) * 15.9).astype("uint8")[..., None]
x_train, y_train, x_test, y_test = images[:1200], digits.target[:1200], images[1200:], digits.target[1200:]
{scale}
model = keras.Sequential([keras.Input((16, 16, 1)), {first}layers.Flatten(), layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=3{validation})
{after}
"""


@pytest.mark.parametrize(
    ("scale", "validation", "after"),
    [
        ("x_train = x_train / 255.0", "", "model.evaluate(x_test, y_test)"),
        ("x_train = x_train / 255.0", "", "answers = model.predict(x_test[:10])"),
        ("x_train = x_train / 255.0", ", validation_data=(x_test, y_test)", ""),
        ("x_test = x_test / 255.0", "", "model.evaluate(x_test, y_test)"),
    ],
)
def test_only_one_of_two_sets_is_scaled(scale: str, validation: str, after: str, tmp_path: Path) -> None:
    program = DIGITS.format(scale=scale, validation=validation, after=after, first="")
    assert line_of(only(run_doctor(program, tmp_path, select=RULES), RANGE), tmp_path) == scale


def test_while_the_script_goes_on(tmp_path: Path) -> None:
    program = DIGITS.format(
        scale="x_train = x_train / 255.0", validation="", after="model.predict(x_test[:4] * 1.0)", first=""
    )
    finding = only(run_doctor(program, tmp_path, select=RULES, through=True), RANGE)
    assert line_of(finding, tmp_path).startswith("model.predict(")


@pytest.mark.parametrize(
    ("scale", "first", "after"),
    [
        ("x_train, x_test = x_train / 255.0, x_test / 255.0", "", "model.evaluate(x_test, y_test)"),
        ("", "layers.Rescaling(1 / 255), ", "model.evaluate(x_test, y_test)"),
        ("x_train = x_train / 255.0", "", "x_test = x_test / 255.0\nmodel.evaluate(x_test, y_test)"),
        ("x_train = x_train / 255.0", "", "model.evaluate(x_test / 255.0, y_test)"),
        (
            "x_train = x_train / 255.0",
            "",
            "for part in (x_test / 255,):\n    x_test = part\n    model.predict(x_test)",
        ),
    ],
)
def test_trap_both_are_scaled(scale: str, first: str, after: str, tmp_path: Path) -> None:
    program = DIGITS.format(scale=scale, validation="", after=after, first=first)
    silent(run_doctor(program, tmp_path, select=RULES), *RULES)


ONE = """
from keras.utils import img_to_array, load_img

def read(path):
    return img_to_array(load_img(path, color_mode="grayscale", target_size=(16, 16)))

picture = img_to_array(load_img("seven.png", color_mode="grayscale", target_size=(16, 16)))
{prepare}
print(model.predict(np.expand_dims({given}, axis=0)))
"""


@pytest.mark.parametrize(
    ("scale", "first", "prepare", "given", "line"),
    [
        ("x_train = x_train / 255.0", "", "", "picture", "picture = img_to_array"),
        ("x_train = x_train / 255.0", "", "", "read('a/b.png')", "return img_to_array"),
        ("x_train = x_train / 255.0", "", "picture /= 255.0", "picture", None),
        ("x_train = x_train / 255.0", "", "picture = picture * (1 / 255)", "picture", None),
        ("x_train = x_train / 255.0", "", "picture = my_preprocess(picture)", "picture", None),
        ("", "layers.Rescaling(1 / 255), ", "", "picture", None),
        ("", "layers.Rescaling(1 / 255), ", "picture = picture / 255", "picture", "picture = picture / 255"),
    ],
)
def test_a_picture_read_by_hand(
    scale: str, first: str, prepare: str, given: str, line: str | None, tmp_path: Path
) -> None:
    after = ONE.format(prepare=prepare, given=given)
    diagnosis = run_doctor(
        DIGITS.format(scale=scale, validation="", after=after, first=first), tmp_path, select=RULES
    )
    if line is None:
        silent(diagnosis, *RULES)
    else:
        assert line_of(only(diagnosis, LOADER), tmp_path).startswith(line)
