"""sorted-validation-split: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, RANDOM, SORTED, program
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "sorted-validation-split"
FIT = "model.fit(X, y, epochs=3, validation_split=0.2, verbose=0)"


def test_names_the_fit_and_the_edit_mends_it(tmp_path: Path) -> None:
    diagnosis = run_doctor(program(SORTED, MODEL, FIT), tmp_path)
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == FIT
    assert finding.evidence["runs of one class"] == 2
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path), RULE)


def test_one_hot_labels_of_several_classes(tmp_path: Path) -> None:
    source = program(
        DATA,
        "y = np.repeat(np.arange(4), 100)",
        "Y = keras.utils.to_categorical(y, 4)",
        "model = keras.Sequential([layers.Dense(8, 'relu'), layers.Dense(4, 'softmax')])",
        "model.compile('adam', 'categorical_crossentropy')",
        "model.fit(x=X, y=Y, validation_split=0.25)",
    )
    diagnosis = run_doctor(source, tmp_path)
    assert "never trained" in only(diagnosis, RULE).message
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path), RULE)


TRAPS = {
    "shuffled": program(DATA, MODEL, FIT),
    "own-validation": program(SORTED, MODEL, "model.fit(X, y, validation_data=(X[::5], y[::5]))"),
    "regression-over-a-line": program(
        DATA,
        "x = np.linspace(0, 1, 400)[:, None]",
        "model = keras.Sequential([layers.Dense(8, 'tanh'), layers.Dense(1)])",
        "model.compile('adam', 'mse')",
        "model.fit(x, np.round(3 * x), validation_split=0.2)",
    ),
    "series": program(
        DATA,
        "series = np.cumsum(rng.normal(size=440))",
        "W = np.stack([series[i:i + 20] for i in range(400)])[..., None]",
        "up = (series[20:420] > series[19:419]).astype(int)",
        "model = keras.Sequential([layers.LSTM(4), layers.Dense(1, 'sigmoid')])",
        "model.compile('adam', 'binary_crossentropy')",
        "model.fit(W, up, validation_split=0.2)",
    ),
    "xor": program(
        DATA,
        "X = np.array([[0,0],[0,1],[1,0],[1,1]], 'float32'); y = np.array([0,1,1,0])",
        "model = keras.Sequential([layers.Dense(4, 'tanh'), layers.Dense(1, 'sigmoid')])",
        "model.compile('adam', 'binary_crossentropy')",
        "model.fit(X, y, validation_split=0.25)",
    ),
    "blocks-of-both-classes": program(DATA, "y = np.tile(np.repeat([0, 1], 10), 20)", MODEL, FIT),
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str, tmp_path: Path) -> None:
    silent(run_doctor(TRAPS[name], tmp_path), RULE)


def test_a_wearing_machine_is_information(tmp_path: Path) -> None:
    source = program(
        DATA,
        "series = np.cumsum(rng.normal(size=440)) + np.linspace(0, 80, 440)",
        "W = np.stack([series[i:i + 20] for i in range(400)])[..., None]",
        "worn = (np.arange(400) > 300).astype(int)",
        "model = keras.Sequential([layers.LSTM(4), layers.Dense(1, 'sigmoid')])",
        "model.compile('adam', 'binary_crossentropy')",
        "model.fit(W, worn, validation_split=0.2)",
    )
    assert only(run_doctor(source, tmp_path), RULE).severity == "info"


def test_random_labels(tmp_path: Path) -> None:
    silent(run_doctor(program(RANDOM, MODEL, FIT), tmp_path), RULE)
