"""experimental-preprocessing: fault, mended form, trap."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "experimental-preprocessing"
SELECT = (RULE, "old-import-paths")

BODY = """
import numpy as np
X = np.random.default_rng(0).uniform(size=(32, 8, 8, 1)).astype("float32")
y = (X[:, 0, 0, 0] > 0.5).astype("int32")
model = keras.Sequential([
    keras.Input((8, 8, 1)),
    FLIP("horizontal"),
    layers.Flatten(),
    layers.Dense(1, activation="sigmoid"),
])
model.compile("adam", "binary_crossentropy")
model.fit(X, y, verbose=0)
"""
IMPORTS = "import keras\nfrom keras import layers\n"


@pytest.mark.parametrize(
    ("imports", "flip", "line"),
    [
        ("", "layers.experimental.preprocessing.RandomFlip", "layers.experimental"),
        (
            "from keras.layers.experimental import preprocessing\n",
            "preprocessing.RandomFlip",
            "from keras.layers",
        ),
        (
            "from keras.layers.experimental.preprocessing import RandomFlip\n",
            "RandomFlip",
            "from keras.layers",
        ),
    ],
    ids=["attribute", "module", "name"],
)
def test_names_goes_on_and_mends(imports: str, flip: str, line: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(IMPORTS + imports + BODY.replace("FLIP", flip), tmp_path, select=SELECT)
    assert diagnosis.fits == 1, diagnosis.crash
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith(line)
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path, select=SELECT), RULE, "old-import-paths")


def test_trap_prepared_for_it(tmp_path: Path) -> None:
    guarded = (
        "try:\n    flip = layers.experimental.preprocessing.RandomFlip\n"
        "except AttributeError:\n    flip = layers.RandomFlip\n"
    )
    silent(run_doctor(IMPORTS + guarded + BODY.replace("FLIP", "flip"), tmp_path, select=SELECT), RULE)
