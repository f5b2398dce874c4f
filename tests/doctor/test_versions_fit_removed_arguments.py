"""fit-removed-arguments: fault, mended form, trap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "fit-removed-arguments"

PROGRAM = """
import numpy as np
import keras

x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
y = (x[:, 0] > 0).astype("int32")
model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x, y, epochs=1, workers=4, use_multiprocessing=True, verbose=0)
"""


def test_names_all_at_their_line(tmp_path: Path) -> None:
    diagnosis = run_doctor(PROGRAM, tmp_path)
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("model.fit(x, y")
    assert "workers=, use_multiprocessing=" in finding.message
    mended = repaired(diagnosis, RULE)
    assert "model.fit(x, y, epochs=1, verbose=0)" in mended
    silent(run_doctor(mended, tmp_path), RULE)


def test_on_later_calls_too(tmp_path: Path) -> None:
    program = (
        PROGRAM.replace(", workers=4, use_multiprocessing=True", "")
        + "model.predict(x, workers=2, verbose=0)\n"
    )
    diagnosis = run_doctor(program, tmp_path, through=True)
    assert line_of(only(diagnosis, RULE), tmp_path).startswith("model.predict(")


def test_trap_a_subclass_that_takes_it(tmp_path: Path) -> None:
    program = """
    import numpy as np
    import keras

    class Mine(keras.Sequential):
        def fit(self, x, y, workers=1, **more):
            return super().fit(x, y, **more)

    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    model = Mine([keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(x, x[:, 0], workers=4, verbose=0)
    """
    silent(run_doctor(program, tmp_path), RULE)
