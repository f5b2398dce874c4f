"""loss-nan: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "loss-nan"

FAULTY = classifier().replace("model = Sequential()", "X = np.log(np.abs(X) - 0.05)\nmodel = Sequential()")


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "error"
    assert "model.fit(" in line_of(finding, tmp_path)
    assert finding.evidence["first seen in"] == "the data"


def test_says_which_layer_made_it(tmp_path: Path) -> None:
    program = classifier('Dense(64, activation="relu")', "keras.layers.Lambda(keras.ops.log)")
    finding = only(run_doctor(program, tmp_path, select=(RULE,)), RULE)
    assert "Lambda" in line_of(finding, tmp_path)


def test_after_training(tmp_path: Path) -> None:
    program = classifier(optimizer="keras.optimizers.SGD(1e9)", fit="epochs=2").replace(
        "binary_crossentropy", "mse"
    )
    program = program.replace(', activation="sigmoid"', "")
    found = run_doctor(program, tmp_path, through=True, select=(RULE,)).of(RULE)
    assert found
    assert any("epoch" in f.message for f in found) or len(found) == 1


def test_a_cause_speaks_in_its_place(tmp_path: Path) -> None:
    program = classifier(optimizer="keras.optimizers.SGD(1e9)").replace("binary_crossentropy", "mse")
    program = program.replace(', activation="sigmoid"', "")
    diagnosis = run_doctor(program, tmp_path, select=(RULE, "rate-too-high"))
    only(diagnosis, "rate-too-high")
    silent(diagnosis, RULE)
    only(run_doctor(program, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        classifier(),
        classifier().replace(
            'model.compile(optimizer="adam", loss="binary_crossentropy"',
            """y = np.where(np.arange(600) % 5 == 0, np.nan, y)
def masked(t, p):
    t = keras.ops.reshape(t, keras.ops.shape(p))
    seen = keras.ops.logical_not(keras.ops.isnan(t))
    return keras.ops.where(seen, (keras.ops.where(seen, t, 0.0) - p) ** 2, 0.0)
model.compile(optimizer="adam", loss=masked""",
        ),
    ],
    ids=["healthy", "masked"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
