"""early-stop-eager: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from optimisation_programs import classifier
from support import line_of, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "early-stop-eager"

STOP = "validation_split=0.2, callbacks=[keras.callbacks.EarlyStopping({})]"
FAULTY = classifier(fit="epochs=30, " + STOP.format('monitor="val_accuracy", mode="min", patience=3'))
BLIND = classifier(fit="epochs=30, callbacks=[keras.callbacks.EarlyStopping(patience=3)]")


def test_names_the_line_and_the_proof(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert "mode=" in line_of(finding, tmp_path)
    assert finding.evidence["mode"] == "min"


def test_the_edit_mends_it(tmp_path: Path) -> None:
    mended = repaired(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert 'mode="max"' in mended
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


def test_nothing_to_watch(tmp_path: Path) -> None:
    finding = only(run_doctor(BLIND, tmp_path, select=(RULE,)), RULE)
    assert "EarlyStopping" in line_of(finding, tmp_path)
    mended = BLIND.replace("epochs=30", "epochs=30, validation_split=0.2")
    silent(run_doctor(mended, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    "program",
    [
        classifier(fit="epochs=30, " + STOP.format("patience=5, restore_best_weights=True")),
        classifier(fit="epochs=30, " + STOP.format('monitor="val_accuracy", mode="max", patience=5')),
        classifier(
            fit="epochs=30, callbacks=[keras.callbacks.EarlyStopping(monitor='loss', mode='min', patience=3)]"
        ),
        classifier(fit="epochs=3, " + STOP.format("")),
    ],
    ids=["usual", "explicit", "training-loss", "short"],
)
def test_traps(program: str, tmp_path: Path) -> None:
    silent(run_doctor(program, tmp_path, select=(RULE,), through=program.count(".fit(") > 1), RULE)
