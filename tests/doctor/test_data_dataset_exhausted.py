"""dataset-exhausted: faults, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, program
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "dataset-exhausted"
TF = "import tensorflow as tf\nds = tf.data.Dataset.from_tensor_slices((X, y)).shuffle(400).batch(40)\n"


@pytest.mark.parametrize(
    "fit", ["model.fit(ds, epochs=5, steps_per_epoch=20)", "model.fit(ds, epochs=5, steps_per_epoch=7)"]
)
def test_a_pipeline_that_ends(fit: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    diagnosis = run_doctor(program(DATA, TF, MODEL, fit), tmp_path)
    finding = only(diagnosis, RULE)
    assert finding.evidence["batches of the data"] == 10
    assert line_of(finding, tmp_path) == fit
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path), RULE)


def test_arrays_and_generators(tmp_path: Path) -> None:
    fit = "model.fit(X, y, batch_size=40, epochs=3, steps_per_epoch=15)"
    only(run_doctor(program(DATA, MODEL, fit), tmp_path), RULE)
    fit = "model.fit(((X[i:i + 40], y[i:i + 40]) for i in range(0, 200, 40)), epochs=3, steps_per_epoch=5)"
    only(run_doctor(program(DATA, MODEL, fit), tmp_path), RULE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("asked", [7, 10, 12, 3, 5])
def test_steps_are_counted_as_keras_counts_them(asked: int) -> None:
    import numpy as np

    from headstart.core import backend
    from headstart.doctor.rules.data.dataset_exhausted import epochs

    keras = backend.ensure(gradients=True)
    seen: list[int] = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: seen.append(0),
        on_train_batch_end=lambda batch, logs: seen.append(seen.pop() + 1),
    )
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.zeros((40, 2), np.float32)
    model.fit(x, x[:, :1], batch_size=4, epochs=4, steps_per_epoch=asked, callbacks=[watch], verbose=0)
    assert seen == epochs(asked, 10, 4, restarts=True)


TRAPS = {
    "no-steps": "model.fit(ds, epochs=5)",
    "repeated": "model.fit(ds.repeat(), epochs=5, steps_per_epoch=7)",
    "repeated-enough": "model.fit(ds.repeat(5), epochs=5, steps_per_epoch=10)",
    "whole": "model.fit(ds, epochs=5, steps_per_epoch=10)",
    "halves": "model.fit(ds, epochs=5, steps_per_epoch=5)",
    "one-epoch": "model.fit(ds, steps_per_epoch=7)",
    "filtered": "model.fit(ds.filter(lambda a, b: True).repeat(), epochs=2, steps_per_epoch=30)",
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    silent(run_doctor(program(DATA, TF, MODEL, TRAPS[name]), tmp_path), RULE)


def test_a_generator_without_end(tmp_path: Path) -> None:
    source = program(
        DATA,
        "def rows():\n    while True:\n        yield X[:40], y[:40]",
        MODEL,
        "model.fit(rows(), epochs=3, steps_per_epoch=100)",
    )
    silent(run_doctor(source, tmp_path), RULE)
