"""old-import-paths: faults, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "old-import-paths"

FIT = """
import numpy as np
from keras.models import Sequential
X = np.random.default_rng(0).normal(size=(64, 8)).astype("float32")
y = (X[:, 0] > 0).astype("int32")
model = Sequential([Dense(4, activation="relu"), Dense(2, activation="softmax")])
model.compile("adam", "categorical_crossentropy")
model.fit(X, to_categorical(y), verbose=0)
"""
NEW = "from keras.layers import Dense\nfrom keras.utils import to_categorical\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from keras.layers.core import Dense\nfrom keras.utils import to_categorical\n", NEW),
        (
            "from keras.layers import Dense\nfrom keras.utils import np_utils\n"
            "to_categorical = np_utils.to_categorical\n",
            "from keras import utils as np_utils\n",
        ),
        ("from keras.layers import Dense\nfrom keras.utils.np_utils import to_categorical\n", NEW),
        (NEW + "from keras.optimizers import adam\n", "from keras.optimizers import Adam as adam\n"),
        (NEW + "from keras.engine import Model\n", "from keras.models import Model\n"),
        (
            NEW + "from keras.layers.normalization import BatchNormalization\n",
            "from keras.layers import Batch",
        ),
        (
            NEW + "from keras.objectives import mean_squared_error\n",
            "from keras.losses import mean_squared_error\n",
        ),
        (NEW + "from keras.layers import CuDNNLSTM\n", "from keras.layers import LSTM as CuDNNLSTM\n"),
    ],
)
def test_names_the_import_goes_on_and_mends_it(old: str, new: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(old + FIT, tmp_path, select=(RULE,))
    assert diagnosis.fits == 1, diagnosis.crash
    finding = only(diagnosis, RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("from keras")
    mended = repaired(diagnosis, RULE)
    assert new in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_each_statement_is_named(tmp_path: Path) -> None:
    program = "from keras.layers.core import Dense\nfrom keras.layers.core import Dropout\n" + FIT.replace(
        "to_categorical(y)", "np.eye(2)[y]"
    )
    assert len(run_doctor(program, tmp_path, select=(RULE,)).of(RULE)) == 2


def test_what_has_no_successor_ends_the_script(tmp_path: Path) -> None:
    diagnosis = run_doctor(
        "import keras\nfrom keras.wrappers.scikit_learn import KerasClassifier\n", tmp_path, select=(RULE,)
    )
    found = diagnosis.of(RULE)
    assert len(found) == 1
    assert "scikeras" in found[0].message
    assert diagnosis.exit_code == 1


@pytest.mark.parametrize(
    "guarded",
    [
        "try:\n    from keras.layers.core import Dense\nexcept ImportError:\n    from keras.layers import Dense\n",
        "import keras\nDense = keras.layers.core.Dense if hasattr(keras.layers, 'core') else keras.layers.Dense\n",
    ],
    ids=["try", "hasattr"],
)
def test_traps_prepared_for_it(guarded: str, tmp_path: Path) -> None:
    silent(
        run_doctor(guarded + "from keras.utils import to_categorical\n" + FIT, tmp_path, select=(RULE,)), RULE
    )


def test_nothing_stays_behind(tmp_path: Path) -> None:
    run_doctor("from keras.layers.core import Dense\n", tmp_path, select=(RULE,))
    with pytest.raises(ImportError):
        __import__("keras.layers.core")
    import keras

    assert not hasattr(keras.layers, "core")


def test_picture_generators_come_from_tensorflow(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    old = "import tensorflow as tf\nfrom keras.preprocessing.image import ImageDataGenerator, img_to_array\n"
    diagnosis = run_doctor(old + NEW + FIT, tmp_path, select=(RULE,))
    only(diagnosis, RULE)
    mended = repaired(diagnosis, RULE)
    assert "from tensorflow.keras.preprocessing.image import ImageDataGenerator" in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)
