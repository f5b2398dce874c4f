"""cache-after-augment, shuffle-ignored, validation-steps-few: faults, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, program
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
CACHE = "cache-after-augment"
IDLE = "shuffle-ignored"
FEW = "validation-steps-few"
TF = """
import tensorflow as tf
ds = tf.data.Dataset.from_tensor_slices((X, y))
noise = layers.GaussianNoise(0.1)
def jitter(a, b):
    return a + tf.random.normal((6,), stddev=0.1), b
def double(a, b):
    return a * 2, b
"""


@pytest.fixture(autouse=True)
def _needs_tensorflow() -> None:
    pytest.importorskip("tensorflow")


@pytest.mark.parametrize(
    "line",
    [
        "ds = ds.map(jitter).cache().shuffle(400).batch(32)",
        "tf.random.set_seed(1); ds = ds.map(jitter).cache().batch(32)",
        "ds = ds.shuffle(400).map(jitter, num_parallel_calls=2).batch(32).cache()",
        "ds = ds.batch(32).map(lambda a, b: (noise(a, training=True), b)).cache().prefetch(1)",
    ],
)
def test_a_cache_after_a_random_step(line: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(program(DATA, TF, line, MODEL, "model.fit(ds, epochs=3)"), tmp_path)
    assert line_of(only(diagnosis, CACHE), tmp_path) == line
    silent(run_doctor(repaired(diagnosis, CACHE), tmp_path), CACHE)


@pytest.mark.parametrize(
    "line",
    [
        "ds = ds.map(double).cache().shuffle(400).batch(32)",
        "ds = ds.cache().map(jitter).batch(32)",
        "ds = ds.shuffle(400).map(double).batch(32).cache()",
        "ds = ds.map(lambda a, b: (noise(a), b)).cache().batch(32)",
        "ds = ds.map(jitter).batch(32)",
    ],
)
def test_caches_that_are_right(line: str, tmp_path: Path) -> None:
    silent(run_doctor(program(DATA, TF, line, MODEL, "model.fit(ds, epochs=3)"), tmp_path), CACHE)


def test_an_idle_shuffle(tmp_path: Path) -> None:
    fit = "model.fit(ds, epochs=3, shuffle=True)"
    diagnosis = run_doctor(program(DATA, TF, "ds = ds.map(double).batch(32)", MODEL, fit), tmp_path)
    assert line_of(only(diagnosis, IDLE), tmp_path) == fit
    mended = repaired(diagnosis, IDLE)
    assert "shuffle(416).batch(32)" in mended or "shuffle(400).batch(32)" in mended
    silent(run_doctor(mended, tmp_path), IDLE)


@pytest.mark.parametrize(
    "fit",
    [
        "model.fit(ds.shuffle(400).batch(32), shuffle=True)",
        "model.fit(ds.batch(32))",
        "model.fit(ds.batch(400), shuffle=True)",
        "model.fit(X, y, shuffle=True)",
        "model.fit(((X[i:i + 40], y[i:i + 40]) for i in range(0, 400, 40)), shuffle=True)",
    ],
)
def test_shuffles_that_are_right(fit: str, tmp_path: Path) -> None:
    silent(run_doctor(program(DATA, TF, MODEL, fit), tmp_path), IDLE)


def test_few_validation_steps_inform(tmp_path: Path) -> None:
    fit = "model.fit(X[:300], y[:300], validation_data=ds.skip(300).batch(5), validation_steps=4)"
    diagnosis = run_doctor(program(DATA, TF, MODEL, fit), tmp_path)
    finding = only(diagnosis, FEW)
    assert finding.severity == "info"
    assert finding.evidence["batches of the validation data"] == 20
    silent(run_doctor(repaired(diagnosis, FEW), tmp_path), FEW)
    silent(run_doctor(program(DATA, TF, MODEL, fit.replace("=4)", "=20)")), tmp_path), FEW)
