"""duplicate-leakage: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, RANDOM, pictures, program
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "duplicate-leakage"
SPLIT = """
from sklearn.model_selection import train_test_split
X_train, X_val, y_train, y_val = train_test_split(X, y, test_size=0.25, random_state=0)
"""
FIT = "model.fit(X_train, y_train, epochs=3, validation_data=(X_val, y_val))"
COPIES = "X, y = np.concatenate([X, X[:200]]), np.concatenate([y, y[:200]])"


def test_copies_made_before_the_split(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    finding = only(run_doctor(program(DATA, COPIES, SPLIT, MODEL, FIT), tmp_path), RULE)
    assert line_of(finding, tmp_path).startswith("X_train, X_val, y_train, y_val = train_test_split")
    assert finding.evidence["of them also in training"] > 30


def test_trained_on_everything(tmp_path: Path) -> None:
    fit = "model.fit(X, y, epochs=3, validation_data=(X_val, y_val))"
    finding = only(run_doctor(program(DATA, SPLIT, MODEL, fit), tmp_path), RULE)
    assert line_of(finding, tmp_path) == fit


def test_copies_under_a_validation_split(tmp_path: Path) -> None:
    fit = "model.fit(X, y, validation_split=0.2)"
    assert line_of(only(run_doctor(program(DATA, COPIES, MODEL, fit), tmp_path), RULE), tmp_path) == fit


TRAPS = {
    "clean": program(DATA, SPLIT, MODEL, FIT),
    "copies-of-training-rows": program(
        DATA,
        SPLIT,
        "X_train = np.concatenate([X_train] * 3); y_train = np.concatenate([y_train] * 3)",
        MODEL,
        FIT,
    ),
    "few-values": program(DATA, "X = rng.integers(0, 3, (n, 6)).astype('float32')", SPLIT, MODEL, FIT),
    "one-hot": program(DATA, "X = np.eye(6, dtype='float32')[rng.integers(0, 6, n)]", SPLIT, MODEL, FIT),
    "waves": program(
        DATA,
        "wave = np.sin(2 * np.pi * np.arange(900) / 50).round(5)",
        "W = np.stack([wave[i:i + 30] for i in range(800)]).astype('float32')",
        "o = rng.permutation(800); W, up = W[o], (wave[30:830] > wave[29:829]).astype(int)[o]",
        MODEL.replace("(6,)", "(30,)"),
        "model.fit(W[:600], up[:600], validation_data=(W[600:], up[600:]))",
    ),
    "random": program(RANDOM, SPLIT, MODEL, FIT),
    "ids": program(
        DATA,
        "users, items = rng.integers(0, 30, n), rng.integers(0, 20, n)",
        "a, b = keras.Input((1,)), keras.Input((1,))",
        "both = layers.Concatenate()([layers.Flatten()(layers.Embedding(30, 4)(a)), layers.Flatten()(layers.Embedding(20, 4)(b))])",
        "model = keras.Model([a, b], layers.Dense(1, 'sigmoid')(both))",
        "model.compile('adam', 'binary_crossentropy')",
        "model.fit([users[:300], items[:300]], y[:300], validation_data=([users[300:], items[300:]], y[300:]))",
    ),
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    silent(run_doctor(TRAPS[name], tmp_path), RULE)


FOLDERS = """
import keras
from keras import layers
train = keras.utils.image_dataset_from_directory("train", image_size=(16, 16), batch_size=8, label_mode="binary")
val = keras.utils.image_dataset_from_directory("val", image_size=(16, 16), batch_size=8, label_mode="binary")
model = keras.Sequential([layers.Rescaling(1 / 255), layers.Conv2D(4, 3), layers.GlobalMaxPooling2D(), layers.Dense(1, "sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(train.prefetch(2), validation_data=val.prefetch(2))
"""


def test_the_same_picture_under_two_names(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    pictures(tmp_path / "train", {"cat": 20, "dog": 20})
    pictures(tmp_path / "val", {"cat": 8, "dog": 8}, seed=1)
    silent(run_doctor(FOLDERS, tmp_path), RULE)
    for i in range(6):
        source = tmp_path / "train" / "cat" / f"cat_{i:03}.png"
        (tmp_path / "val" / "cat" / f"other{i}.png").write_bytes(source.read_bytes())
    finding = only(run_doctor(FOLDERS, tmp_path), RULE)
    assert finding.evidence["told by"] == "file content"
    assert line_of(finding, tmp_path).startswith("model.fit(")


def test_one_shuffled_pipeline_cut_in_two(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    source = program(
        DATA,
        "import tensorflow as tf",
        "ds = tf.data.Dataset.from_tensor_slices((X, y)).shuffle(400, reshuffle_each_iteration=False)",
        "train, val = ds.skip(100).batch(32), ds.take(100).batch(32)",
        MODEL,
        "model.fit(train, validation_data=val)",
    )
    silent(run_doctor(source, tmp_path), RULE, "split-overlap-seed", "val-is-train")
