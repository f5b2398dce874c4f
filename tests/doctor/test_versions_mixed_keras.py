"""mixed-keras: fault, mended form, trap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "mixed-keras"
SELECT = (RULE, "old-import-paths")

pytest.importorskip("tensorflow")

FAULTY = """
import numpy as np
from keras.models import Sequential
from tensorflow.python.keras.layers import Dense
model = Sequential()
model.add(Dense(1))
model.compile("adam", "mse")
model.fit(np.ones((8, 2)), np.ones(8))
"""


def test_names_the_import_and_where_they_meet(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=SELECT)
    found = diagnosis.of(RULE)
    assert len(found) == 1
    assert line_of(found[0], tmp_path) == "model.add(Dense(1))"
    cause = diagnosis.of("old-import-paths")
    assert [line_of(f, tmp_path) for f in cause] == ["from tensorflow.python.keras.layers import Dense"]


def test_mended_and_trap_the_same_package(tmp_path: Path) -> None:
    silent(
        run_doctor(FAULTY.replace("tensorflow.python.keras", "tensorflow.keras"), tmp_path, select=SELECT),
        RULE,
        "old-import-paths",
    )
