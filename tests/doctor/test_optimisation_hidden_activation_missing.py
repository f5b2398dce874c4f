"""hidden-activation-missing: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import DATA, classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "hidden-activation-missing"

FAULTY = classifier("Dense(64)", "Dense(32)")
SUBCLASSED = (
    DATA
    + """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = Dense(64)
        self.last = Dense(1)

    def call(self, inputs):
        return keras.ops.sigmoid(self.last(BEND(self.first(inputs))))

model = Net()
model.compile("adam", "binary_crossentropy")
model.fit(X, y, epochs=10)
"""
)


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert "model.add(Dense(64))" in line_of(finding, tmp_path)
    assert finding.evidence["the whole net is one linear map"] is True


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert 'Dense(32, activation="relu")' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_in_a_subclassed_model(tmp_path: Path) -> None:
    finding = only(run_doctor(SUBCLASSED.replace("BEND", ""), tmp_path, select=(RULE,)), RULE)
    assert "Dense(64)" in line_of(finding, tmp_path)


@pytest.mark.parametrize(
    "program",
    [
        classifier(
            "Dense(64)", 'Activation("relu")', "Dense(32)", "BatchNormalization()", 'Activation("relu")'
        ),
        SUBCLASSED.replace("BEND", "keras.ops.relu"),
        classifier('Dense(64, activation="relu")', "Dense(4)", 'Dense(64, activation="relu")'),
        DATA
        + "model = Sequential([Input((12,)), Dense(1, activation=\"sigmoid\")])\nmodel.compile('adam', 'binary_crossentropy')\nmodel.fit(X, y)",
        DATA
        + "model = Sequential([Input((12,)), Dense(3), Dense(12)])\nmodel.compile('adam', 'mse')\nmodel.fit(X, X)",
        DATA
        + "model = Sequential([Input((12, 1)), LSTM(8), Dense(25), Dense(1)])\nmodel.compile('adam', 'mse')\nmodel.fit(X[..., None], X.sum(axis=1))",
    ],
    ids=["own-layers", "function", "factorised", "logistic", "autoencoder", "recurrent"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
