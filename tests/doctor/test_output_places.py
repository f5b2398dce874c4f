"""dropout-after-output, threshold-on-logits, labels-one-class-encoded-twice: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
DROPOUT = "dropout-after-output"
THRESHOLD = "threshold-on-logits"
TWICE = "labels-one-class-encoded-twice"

DATA = """
import numpy as np
import keras
from keras import layers
from keras.utils import to_categorical

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 6)).astype("float32")
ids = X[:, :3].argmax(axis=1)
yes = (X[:, 0] > 0).astype("float32")
Y = to_categorical(ids)
"""


def classifier(last: str, y: str = "Y", loss: str = "categorical_crossentropy") -> str:
    """A classifier whose output is made by `last`."""
    return DATA + (
        "model = keras.Sequential()\n"
        "model.add(layers.Dense(16, activation='relu'))\n"
        "model.add(layers.Dropout(0.3))\n"
        f"{last}\n"
        f"model.compile('adam', '{loss}')\n"
        f"model.fit(X, {y}, epochs=3)\n"
    )


@pytest.mark.parametrize(
    "last",
    [
        "model.add(layers.Dense(3, activation='softmax'))\nmodel.add(layers.Dropout(0.5))",
        "model.add(layers.Dense(3))\nmodel.add(layers.Dropout(0.5))\nmodel.add(layers.Activation('softmax'))",
    ],
    ids=["after", "before-softmax"],
)
def test_dropout_is_named_and_mended(last: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(classifier(last), tmp_path, select=(DROPOUT,))
    finding = only(diagnosis, DROPOUT)
    assert line_of(finding, tmp_path) == "model.add(layers.Dropout(0.5))"
    mended = repaired(diagnosis, DROPOUT)
    assert "Dropout(0.5)" not in mended
    silent(run_doctor(mended, tmp_path, select=(DROPOUT,)), DROPOUT)


def test_dropout_in_a_list(tmp_path: Path) -> None:
    program = DATA + (
        "model = keras.Sequential([\n    layers.Dense(16, 'relu'),\n    layers.Dense(1),\n"
        "    layers.Dropout(0.4),\n])\nmodel.compile('adam', 'mse')\nmodel.fit(X, X[:, 0])\n"
    )
    diagnosis = run_doctor(program, tmp_path, select=(DROPOUT,))
    assert line_of(only(diagnosis, DROPOUT), tmp_path) == "layers.Dropout(0.4),"
    silent(run_doctor(repaired(diagnosis, DROPOUT), tmp_path, select=(DROPOUT,)), DROPOUT)


@pytest.mark.parametrize(
    "last",
    [
        "model.add(layers.Dense(3, activation='softmax'))",
        "model.add(layers.Dense(3, activation='softmax'))\nmodel.add(layers.Dropout(0.0))",
        "model.add(layers.Dense(9, 'relu'))\nmodel.add(layers.Dropout(0.5))\n"
        "model.add(layers.Dense(3))\nmodel.add(layers.Activation('softmax'))",
    ],
    ids=["usual", "rate-0", "before-the-last-weights"],
)
def test_dropout_traps(last: str, tmp_path: Path) -> None:
    silent(run_doctor(classifier(last), tmp_path, select=(DROPOUT,)), DROPOUT)


RAW = (
    DATA
    + """
model = keras.Sequential([layers.Dense(16, activation="relu"), layers.Dense(1)])
model.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
model.fit(X, yes, epochs=3, verbose=0)
scores = model.predict(X).flatten()
labels = (scores > 0.5).astype(int)
"""
)


def test_threshold_is_named_and_mended(tmp_path: Path) -> None:
    diagnosis = run_doctor(RAW, tmp_path, select=(THRESHOLD,))
    finding = only(diagnosis, THRESHOLD)
    assert line_of(finding, tmp_path) == "labels = (scores > 0.5).astype(int)"
    mended = repaired(diagnosis, THRESHOLD)
    assert "(scores > 0).astype(int)" in mended
    silent(run_doctor(mended, tmp_path, select=(THRESHOLD,)), THRESHOLD)


@pytest.mark.parametrize(
    "use", ["print(np.round(model.predict(X)))", "hits = (model.predict(X)[:, 0] >= 0.5) == yes"]
)
def test_other_cuts(use: str, tmp_path: Path) -> None:
    program = RAW.replace("labels = (scores > 0.5).astype(int)", use)
    assert line_of(only(run_doctor(program, tmp_path, select=(THRESHOLD,)), THRESHOLD), tmp_path) == use


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("scores > 0.5", "scores > 0"),
        ("scores = model.predict(X).flatten()", "scores = keras.ops.sigmoid(model.predict(X)).numpy()"),
        ("labels =", "scores = 1 / (1 + np.exp(-scores))\nlabels ="),
        ("layers.Dense(1)]", "layers.Dense(1, activation='sigmoid')]"),
        ("keras.losses.BinaryCrossentropy(from_logits=True)", "'mse'"),
        ("scores =", "model = keras.Sequential([model, layers.Activation('sigmoid')])\nscores ="),
        ("(scores > 0.5).astype(int)", "np.round(scores, 2)"),
    ],
    ids=["at-0", "sigmoid", "sigmoid-later", "probabilities", "regression", "wrapped", "decimals"],
)
def test_threshold_traps(old: str, new: str, tmp_path: Path) -> None:
    silent(run_doctor(RAW.replace(old, new), tmp_path, select=(THRESHOLD,)), THRESHOLD)


def test_labels_encoded_twice(tmp_path: Path) -> None:
    program = classifier("model.add(layers.Dense(3, 'softmax'))", "Y2").replace(
        "model = ", "Y2 = to_categorical(Y)\nmodel = "
    )
    diagnosis = run_doctor(program, tmp_path, select=(TWICE,))
    finding = only(diagnosis, TWICE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == "Y2 = to_categorical(Y)"
    silent(run_doctor(repaired(diagnosis, TWICE), tmp_path, select=(TWICE,)), TWICE)


def test_ids_from_1_are_a_remark(tmp_path: Path) -> None:
    program = classifier("model.add(layers.Dense(4, 'softmax'))", "to_categorical(ids + 1)")
    assert only(run_doctor(program, tmp_path, select=(TWICE,)), TWICE).severity == "info"


@pytest.mark.parametrize(
    ("last", "y"),
    [
        ("model.add(layers.Dense(3, 'softmax'))", "Y"),
        ("model.add(layers.Dense(4, 'softmax'))", "to_categorical(ids, 4)"),
        (
            "model.add(layers.Dense(6)); model.add(layers.Reshape((3, 2))); model.add(layers.Softmax())",
            "to_categorical(Y)",
        ),
    ],
    ids=["once", "a-class-unseen", "pairs-wanted"],
)
def test_encoding_traps(last: str, y: str, tmp_path: Path) -> None:
    silent(run_doctor(classifier(last, y), tmp_path, select=(TWICE,)), TWICE)
