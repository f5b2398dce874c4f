"""one-class-only: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, RANDOM, SORTED, program
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "one-class-only"
FIT = "model.fit(X, y, epochs=3, verbose=0)"


@pytest.mark.parametrize("wrong", ["y = np.where(X[:, 0] > 1000, 1, 0)", "y = (y == 3).astype('int32')"])
def test_names_the_labels(wrong: str, tmp_path: Path) -> None:
    finding = only(run_doctor(program(DATA, wrong, MODEL, FIT), tmp_path), RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == wrong
    assert finding.evidence["different labels"] == 1


def test_past_a_split_and_an_encoding(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    source = program(
        DATA,
        "from sklearn.model_selection import train_test_split",
        "labels = np.array(['no'] * n)",
        "target = (labels == 'yes').astype(int)",
        "X_train, X_test, y_train, y_test = train_test_split(X, target, test_size=0.2)",
        "y_train = keras.utils.to_categorical(y_train, 2)",
        "model = keras.Sequential([layers.Dense(8, 'relu'), layers.Dense(2, 'softmax')])",
        "model.compile('adam', 'categorical_crossentropy')",
        "model.fit(X_train, y_train)",
    )
    finding = only(run_doctor(source, tmp_path), RULE)
    assert line_of(finding, tmp_path).startswith("target = (labels ==")


def test_mended(tmp_path: Path) -> None:
    silent(run_doctor(program(DATA, MODEL, FIT), tmp_path), RULE)


TRAPS = {
    "autoencoder": "model = keras.Sequential([layers.Dense(2), layers.Dense(6)])\n"
    "model.compile('adam', 'mse')\nmodel.fit(X, X)",
    "one-class-net": "model = keras.Sequential([layers.Dense(4, use_bias=False)])\n"
    "model.compile('adam', lambda t, p: keras.ops.mean(keras.ops.square(p - 1.0), axis=-1))\n"
    "model.fit(X, np.zeros(len(X)))",
    "dummy-targets": "model = keras.Sequential([layers.Dense(4), layers.Dense(1)])\n"
    "model.compile('adam', 'mse')\nmodel.fit(X, np.zeros(len(X)))",
    "gan": "judge = keras.Sequential([keras.Input((6,)), layers.Dense(4, 'relu'), layers.Dense(1, 'sigmoid')])\n"
    "judge.compile('adam', 'binary_crossentropy')\njudge.trainable = False\n"
    "maker = keras.Sequential([keras.Input((3,)), layers.Dense(6)])\n"
    "gan = keras.Sequential([maker, judge])\ngan.compile('adam', 'binary_crossentropy')\n"
    "gan.fit(rng.normal(size=(64, 3)), np.ones((64, 1)))",
    "rows-sorted": "y = np.sort(y)\nmodel = keras.Sequential([layers.Dense(1, 'sigmoid')])\n"
    "model.compile('adam', 'binary_crossentropy')\nmodel.fit(X, y, shuffle=False)",
    "smoke": "model = keras.Sequential([layers.Dense(1, 'sigmoid')])\n"
    "model.compile('adam', 'binary_crossentropy')\nmodel.fit(X[:4], np.ones(4))",
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str, tmp_path: Path) -> None:
    silent(run_doctor(program(DATA, TRAPS[name]), tmp_path), RULE)


def test_a_pipeline_that_begins_with_one_class(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    source = program(
        SORTED,
        "import tensorflow as tf",
        MODEL,
        "ds = tf.data.Dataset.from_tensor_slices((X, y)).repeat(3).batch(8)",
        "model.fit(ds.map(lambda a, b: (a, b)))",
    )
    silent(run_doctor(source, tmp_path), RULE)


def test_random_labels(tmp_path: Path) -> None:
    silent(run_doctor(program(RANDOM, MODEL, "model.fit(X, y)"), tmp_path), RULE)
