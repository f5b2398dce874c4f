"""val-is-train: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, RANDOM, SORTED, program
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "val-is-train"


def test_the_same_arrays(tmp_path: Path) -> None:
    fit = "model.fit(X, y, epochs=3, validation_data=(X, y), verbose=0)"
    diagnosis = run_doctor(program(DATA, MODEL, fit), tmp_path)
    finding = only(diagnosis, RULE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path) == fit
    mended = repaired(diagnosis, RULE)
    assert "validation_split=0.2" in mended
    silent(run_doctor(mended, tmp_path), RULE)


@pytest.mark.parametrize("val", ["(X.copy(), y.copy())", "(X[:100], y[:100])", "(X[-50:], y[-50:])"])
def test_equal_or_partial(val: str, tmp_path: Path) -> None:
    fit = f"model.fit(X, y, validation_data={val})"
    assert line_of(only(run_doctor(program(DATA, MODEL, fit), tmp_path), RULE), tmp_path) == fit


PIPELINES = {
    "same-object": "val = train",
    "one-root": "val = ds.batch(32).cache()",
    "part-of-it": "val = ds.take(100).batch(32)",
    "same-arrays": "val = tf.data.Dataset.from_tensor_slices((X, y)).batch(64)",
}
TF = "import tensorflow as tf\nds = tf.data.Dataset.from_tensor_slices((X, y))\ntrain = ds.shuffle(400).batch(32)\n"


@pytest.mark.parametrize("name", PIPELINES)
def test_pipelines(name: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    fit = "model.fit(train, validation_data=val)"
    source = program(DATA, TF, PIPELINES[name], MODEL, fit)
    assert line_of(only(run_doctor(source, tmp_path), RULE), tmp_path) == fit


TRAPS = {
    "held-out": "model.fit(X[:300], y[:300], validation_data=(X[300:], y[300:]))",
    "split": "model.fit(X, y, validation_split=0.2)",
    "noise-to-clean": "model.fit(X[:300], y[:300], validation_data=(X[:300] + 0.1, y[:300]))",
    "none": "model.fit(X, y)",
    "windows": "W = np.lib.stride_tricks.sliding_window_view(rng.normal(size=405).astype('float32'), 6)\n"
    "model.fit(W[:300], y[:300], validation_data=(W[300:], y[300:]))",
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str, tmp_path: Path) -> None:
    silent(run_doctor(program(DATA, MODEL, TRAPS[name]), tmp_path), RULE)


def test_a_held_out_part_of_a_pipeline(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    parts = TF + "train = ds.skip(100).shuffle(300).batch(32)\nval = ds.take(100).batch(32)\n"
    silent(run_doctor(program(DATA, parts, MODEL, "model.fit(train, validation_data=val)"), tmp_path), RULE)


@pytest.mark.parametrize("backed", [True, False])
def test_made_up_rows_are_new_each_time(backed: bool, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    source = program(
        DATA,
        "import tensorflow as tf",
        "def rows():\n    while True:\n        x = np.random.normal(size=(32, 6)); yield x, (x[:, 0] > 0).astype('float32')",
        "stream = rows()",
        "ds = tf.data.Dataset.from_generator(rows, output_signature=(tf.TensorSpec((32, 6)), tf.TensorSpec((32,))))",
        MODEL,
        f"both = {'ds' if backed else 'stream'}",
        "model.fit(both, steps_per_epoch=4, validation_data=both, validation_steps=2)",
    )
    silent(run_doctor(source, tmp_path), RULE)


def test_xor_is_information(tmp_path: Path) -> None:
    source = program(
        DATA,
        "X = np.array([[0,0],[0,1],[1,0],[1,1]], 'float32'); y = np.array([0,1,1,0])",
        "model = keras.Sequential([layers.Dense(4, 'tanh'), layers.Dense(1, 'sigmoid')])",
        "model.compile('adam', 'binary_crossentropy')",
        "model.fit(X, y, validation_data=(X, y))",
    )
    assert only(run_doctor(source, tmp_path), RULE).severity == "info"


def test_other_data(tmp_path: Path) -> None:
    source = program(RANDOM, "Xv, yv = np.random.random((90, 6)), np.random.randint(0, 2, (90, 1))", MODEL)
    silent(run_doctor(source + "model.fit(X, y, validation_data=(Xv, yv))", tmp_path), RULE)
    silent(
        run_doctor(
            program(SORTED, MODEL, "model.fit(X[::2], y[::2], validation_data=(X[1::2], y[1::2]))"), tmp_path
        ),
        RULE,
    )
