"""no-shuffle-training and small-shuffle-buffer: faults, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, RANDOM, SORTED, program
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "no-shuffle-training"
BUFFER = "small-shuffle-buffer"
PIPELINE = "import tensorflow as tf\nds = tf.data.Dataset.from_tensor_slices((X, y)).batch(32)\n"


def test_arrays_with_shuffle_off(tmp_path: Path) -> None:
    fit = "model.fit(X, y, epochs=3, shuffle=False)"
    diagnosis = run_doctor(program(SORTED, MODEL, fit), tmp_path)
    assert line_of(only(diagnosis, RULE), tmp_path) == fit
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path), RULE)


@pytest.mark.parametrize("rest", ["", "ds = ds.map(lambda a, b: (a * 2, b)).prefetch(2)\n"])
def test_a_pipeline_without_shuffle(rest: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    diagnosis = run_doctor(program(SORTED, PIPELINE + rest, MODEL, "model.fit(ds, epochs=3)"), tmp_path)
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("ds = tf.data.Dataset.from_tensor_slices")
    mended = repaired(diagnosis, RULE)
    assert ".shuffle(400).batch(32)" in mended
    silent(run_doctor(mended, tmp_path), RULE, BUFFER)


def test_a_small_buffer(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    source = program(
        SORTED, PIPELINE.replace(".batch", ".shuffle(20).batch"), MODEL, "model.fit(ds, epochs=3)"
    )
    diagnosis = run_doctor(source, tmp_path)
    finding = only(diagnosis, BUFFER)
    assert finding.evidence["buffer"] == 20
    assert ".shuffle(20)" in line_of(finding, tmp_path)
    silent(diagnosis, RULE)
    silent(run_doctor(repaired(diagnosis, BUFFER), tmp_path), RULE, BUFFER)


SEQUENCE = """
class Rows(keras.utils.PyDataset):
    def __init__(self):
        super().__init__()
    def __len__(self):
        return 20
    def __getitem__(self, i):
        return X[i * 20:(i + 1) * 20], y[i * 20:(i + 1) * 20]
rows = Rows()
"""


def test_a_dataset_class_over_sorted_rows(tmp_path: Path) -> None:
    diagnosis = run_doctor(program(SORTED, SEQUENCE, MODEL, "model.fit(rows)"), tmp_path)
    assert line_of(only(diagnosis, RULE), tmp_path) == "rows = Rows()"
    silent(run_doctor(program(DATA, SEQUENCE, MODEL, "model.fit(rows)"), tmp_path), RULE)


TRAPS = {
    "fit-shuffles": program(SORTED, MODEL, "model.fit(X, y)"),
    "mixed-already": program(DATA, MODEL, "model.fit(X, y, shuffle=False)"),
    "one-batch": program(SORTED, MODEL, "model.fit(X, y, shuffle=False, batch_size=400)"),
    "autoencoder": program(
        SORTED,
        "model = keras.Sequential([layers.Dense(2), layers.Dense(6)])",
        "model.compile('adam', 'mse')",
        "model.fit(X, X, shuffle=False)",
    ),
    "rare-class": program(
        DATA, "y = np.zeros(400, int); y[:12] = 1", MODEL, "model.fit(X, y, shuffle=False)"
    ),
    "stateful": program(
        SORTED,
        "model = keras.Sequential([keras.Input(batch_shape=(20, 6, 1)), layers.LSTM(3, stateful=True),"
        " layers.Dense(1, 'sigmoid')])",
        "model.compile('adam', 'binary_crossentropy')",
        "model.fit(X[..., None], y, batch_size=20, shuffle=False)",
    ),
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str, tmp_path: Path) -> None:
    silent(run_doctor(TRAPS[name], tmp_path), RULE, BUFFER)


@pytest.mark.parametrize(
    "pipeline",
    [
        PIPELINE.replace(".batch", ".shuffle(400).batch"),
        PIPELINE.replace("(X, y)", "(X[::-1], y[::-1])").replace(".batch", ".shuffle(1000).repeat().batch")
        + "ds = ds.take(12)\n",
    ],
)
def test_shuffled_pipelines(pipeline: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    silent(run_doctor(program(SORTED, pipeline, MODEL, "model.fit(ds)"), tmp_path), RULE, BUFFER)


def test_the_validation_pipeline_may_be_sorted(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    source = program(SORTED, PIPELINE, MODEL, "model.fit(X, y, validation_data=ds)")
    silent(run_doctor(source, tmp_path), RULE, BUFFER)


def test_random_rows(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    silent(run_doctor(program(RANDOM, PIPELINE, MODEL, "model.fit(ds)"), tmp_path), RULE, BUFFER)
