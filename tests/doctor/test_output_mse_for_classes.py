"""mse-for-classes: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "mse-for-classes"

DATA = """
import numpy as np
import keras
from sklearn.datasets import load_digits
from keras.models import Sequential
from keras.layers import Dense, Input
from keras.optimizers import SGD
from keras.utils import to_categorical

X, ids = load_digits(return_X_y=True)
X = X.astype("float32") / 16
Y = to_categorical(ids)
"""

FAULTY = (
    DATA
    + """
model = Sequential()
model.add(Input((64,)))
model.add(Dense(32, activation="relu"))
model.add(Dense(10, activation="softmax"))
model.compile(loss="mse", optimizer="sgd", metrics=["accuracy"])
model.fit(X, Y, epochs=10, batch_size=32)
"""
)


def test_names_the_compile_and_is_mended(tmp_path: Path) -> None:
    diagnosis = run_doctor(FAULTY, tmp_path, select=(RULE,))
    finding = only(diagnosis, RULE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path).startswith("model.compile(")
    assert (
        finding.evidence["with cross-entropy"] > finding.evidence["answered rightly after these steps"] + 0.1
    )
    mended = repaired(diagnosis, RULE)
    assert 'loss="categorical_crossentropy"' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_an_output_that_nothing_bounds(tmp_path: Path) -> None:
    """Stack Overflow 48385830: linear layers of wide weights, a squared error, a rate of 3."""
    program = DATA + (
        "wide = keras.initializers.RandomNormal(stddev=1.0)\n"
        "model = Sequential()\n"
        "model.add(Dense(30, input_dim=64, kernel_initializer=wide))\n"
        "model.add(Dense(10, kernel_initializer=wide))\n"
        "model.compile(loss='mean_squared_error', optimizer=SGD(learning_rate=3.0))\n"
        "model.fit(X, Y, epochs=30, batch_size=10)\n"
    )
    assert only(run_doctor(program, tmp_path, select=(RULE,)), RULE).severity == "warning"


def test_a_softmax_over_one_unit(tmp_path: Path) -> None:
    """Stack Overflow 45442843: the softmax is the cause, and the loss is named under it."""
    program = """
    import numpy as np
    from keras.models import Sequential
    from keras.layers import Dense
    X = np.random.default_rng(0).uniform(size=(400, 1))
    y = (X[:, 0] > 0.4).astype(int)
    model = Sequential()
    model.add(Dense(8, input_dim=1, activation='relu'))
    model.add(Dense(1, activation='softmax'))
    model.compile(loss='mean_absolute_error', optimizer='rmsprop')
    model.fit(X, y, epochs=10)
    """
    diagnosis = run_doctor(program, tmp_path, select=(RULE, "softmax-one-unit"))
    assert [f.rule for f in diagnosis.findings] == ["softmax-one-unit"]
    assert only(diagnosis, RULE).severity == "warning"


def test_class_ids(tmp_path: Path) -> None:
    program = FAULTY.replace("fit(X, Y", "fit(X, ids.reshape(-1, 1)")
    diagnosis = run_doctor(program, tmp_path, select=(RULE,))
    assert only(diagnosis, RULE).severity == "error"
    silent(run_doctor(repaired(diagnosis, RULE), tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('optimizer="sgd"', 'optimizer="adam"'),
        ('optimizer="sgd"', "optimizer=SGD(learning_rate=1.0, momentum=0.9)"),
    ],
    ids=["brier-with-adam", "brier-with-a-rate-that-suits"],
)
def test_trap_no_harm_measured(old: str, new: str, tmp_path: Path) -> None:
    found = run_doctor(FAULTY.replace(old, new), tmp_path, select=(RULE,)).of(RULE)
    assert [f.severity for f in found] == ["info"]


@pytest.mark.parametrize(
    "rest",
    [
        "model = Sequential([Dense(16, 'relu'), Dense(64, 'sigmoid')])\n"
        "model.compile('sgd', 'mse')\nmodel.fit(X, X)\n",
        "model = Sequential([Dense(16, 'relu'), Dense(10, 'sigmoid')])\n"
        "model.compile('sgd', 'mse')\nmodel.fit(Y, Y)\n",
        "model = Sequential([Dense(16, 'relu'), Dense(10, 'softmax')])\n"
        "model.compile('sgd', 'mse')\nmodel.fit(X, 0.8 * Y + 0.02)\n",
        "model = Sequential([Dense(16, 'relu'), Dense(1)])\nmodel.compile('sgd', 'mse')\nmodel.fit(X, ids)\n",
    ],
    ids=["autoencoder", "one-hot-autoencoder", "soft-targets", "ordinal-regression"],
)
def test_traps(rest: str, tmp_path: Path) -> None:
    silent(run_doctor(DATA + rest, tmp_path, select=(RULE,)), RULE)


def test_trap_xor(tmp_path: Path) -> None:
    program = """
    import numpy as np
    from keras import Sequential
    from keras.layers import Dense
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([[0], [1], [1], [0]])
    model = Sequential([Dense(8, activation='tanh'), Dense(1, activation='sigmoid')])
    model.compile(loss='mse', optimizer='sgd')
    model.fit(X, y, epochs=4000, batch_size=1)
    """
    found = run_doctor(program, tmp_path, select=(RULE,)).of(RULE)
    assert [f.severity for f in found] == ["info"]
