"""split-overlap-seed: faults, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, pictures, program
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "split-overlap-seed"

FOLDER = """
import keras
from keras import layers
train = keras.utils.image_dataset_from_directory("d", validation_split=0.25, subset="training", seed=1, image_size=(16, 16), batch_size=8)
val = keras.utils.image_dataset_from_directory("d", validation_split=0.25, subset="validation", seed=2, image_size=(16, 16), batch_size=8)
model = keras.Sequential([layers.Rescaling(1 / 255), layers.Conv2D(4, 3), layers.GlobalMaxPooling2D(), layers.Dense(2, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(train.map(lambda a, b: (a, b)).prefetch(2), validation_data=val.cache())
"""


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("seed=2", "seed=1"), ("seed=2", "shuffle=False, seed=1"), ('0.25, subset="val', '0.5, subset="val')],
)
def test_folders(wrong: str, right: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    pictures(tmp_path / "d", {"cat": 30, "dog": 30})
    source = FOLDER if right == "seed=1" else FOLDER.replace(wrong, right)
    diagnosis = run_doctor(source, tmp_path)
    finding = only(diagnosis, RULE)
    assert line_of(finding, tmp_path).startswith("val = ")
    assert finding.evidence["of them also in training"] > 3
    if finding.edit is not None:
        silent(run_doctor(repaired(diagnosis, RULE), tmp_path), RULE)
    else:
        assert "shuffle" in right


def test_equal_draws_and_other_folders(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    pictures(tmp_path / "d", {"cat": 30, "dog": 30})
    pictures(tmp_path / "e", {"cat": 30, "dog": 30}, seed=1)
    silent(run_doctor(FOLDER.replace("seed=2", "seed=1"), tmp_path), RULE, "duplicate-leakage")
    silent(
        run_doctor(
            FOLDER.replace(
                '"d", validation_split=0.25, subset="val', '"e", validation_split=0.25, subset="val'
            ),
            tmp_path,
        ),
        RULE,
    )


TWO = """
from sklearn.model_selection import train_test_split
X_train, _, y_train, _ = train_test_split(X, y, test_size=0.25, random_state=1)
_, X_val, _, y_val = train_test_split(X, y, test_size=0.25, random_state=2)
"""
FIT = "model.fit(X_train, y_train, validation_data=(X_val, y_val))"


def test_two_splits_of_the_same_arrays(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    diagnosis = run_doctor(program(DATA, TWO, MODEL, FIT), tmp_path)
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("_, X_val, _, y_val = ")
    assert [f.rule for f in diagnosis.all_findings if f.rule == "duplicate-leakage"] == []
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path), RULE)


def test_a_split_of_a_split(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    parts = """
from sklearn.model_selection import train_test_split
X_rest, X_test, y_rest, y_test = train_test_split(X, y, test_size=0.25, random_state=1)
X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, test_size=0.25, random_state=2)
"""
    silent(run_doctor(program(DATA, parts, MODEL, FIT), tmp_path), RULE)


PIPELINE = """
import tensorflow as tf
ds = tf.data.Dataset.from_tensor_slices((X, y))
ds = ds.shuffle(400)
train = ds.skip(100).batch(32)
val = ds.take(100).batch(32)
"""


@pytest.mark.parametrize("shuffle", ["shuffle(400)", "shuffle(400, seed=42)", "batch(10).shuffle(40)"])
def test_a_shuffle_drawn_anew(shuffle: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    source = PIPELINE.replace("shuffle(400)", shuffle)
    if "batch(10)" in shuffle:
        source = source.replace("100).batch(32)", "10)")
    source = program(DATA, source, MODEL, "model.fit(train, epochs=3, validation_data=val)")
    diagnosis = run_doctor(source, tmp_path)
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("ds = ds.")
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path), RULE)


@pytest.mark.parametrize(
    "pipeline",
    [
        PIPELINE.replace("400)", "400, reshuffle_each_iteration=False)"),
        PIPELINE.replace("ds = ds.shuffle(400)\n", "").replace("skip(100)", "skip(100).shuffle(300)"),
        PIPELINE.replace("ds = ds.shuffle(400)\n", "ds = ds.shuffle(400).cache()\n"),
    ],
)
def test_what_is_held_out_stays_so(pipeline: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    source = program(DATA, pipeline, MODEL, "model.fit(train, validation_data=val)")
    silent(run_doctor(source, tmp_path), RULE)
