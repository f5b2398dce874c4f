"""units-not-classes: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, names, only, repaired, run_doctor

pytestmark = pytest.mark.gradients
RULE = "units-not-classes"
ONE_HOT = "y = keras.utils.to_categorical(ids)"
FULL = '"categorical_crossentropy"'
BINARY = '"binary_crossentropy"'
SPARSE = '"sparse_categorical_crossentropy"'


@pytest.mark.parametrize(
    ("labels", "last", "loss", "wanted"),
    [
        ("y = ids", 'layers.Dense(4, activation="softmax")', SPARSE, "layers.Dense(6, "),
        (ONE_HOT, 'layers.Dense(4, activation="softmax")', FULL, "layers.Dense(6, "),
        (ONE_HOT, 'layers.Dense(10, activation="softmax")', FULL, "layers.Dense(6, "),
        ("y = ids", 'layers.Dense(1, activation="sigmoid")', BINARY, 'layers.Dense(6, activation="softmax"'),
    ],
    ids=["ids-too-few", "one-hot-too-few", "one-hot-too-many", "one-sigmoid"],
)
def test_names_the_layer_and_mends_it(labels: str, last: str, loss: str, wanted: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(program(labels, last, loss, classes=6), tmp_path)
    assert diagnosis.findings[0].rule == RULE
    finding = only(diagnosis, RULE)
    assert set(names(diagnosis)) <= {RULE, "label-out-of-range", "bounded-output-wide-target"}
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("model.add(layers.Dense(" + last[13:15].strip(","))
    mended = repaired(diagnosis, RULE)
    assert wanted in mended
    assert not names(run_doctor(mended, tmp_path))


def test_one_column_for_two_sigmoids(tmp_path: Path) -> None:
    source = program("y = ids", 'layers.Dense(2, activation="sigmoid")', BINARY, classes=2)
    diagnosis = run_doctor(source, tmp_path)
    only(diagnosis, RULE)
    assert names(diagnosis) == [RULE]
    assert not names(run_doctor(repaired(diagnosis, RULE), tmp_path))


def test_a_line_that_makes_several_layers_is_not_edited(tmp_path: Path) -> None:
    source = """
        import numpy as np, keras
        from keras import layers
        rng = np.random.default_rng(0)
        y = np.arange(120) % 6
        X = np.eye(6)[y] + rng.normal(size=(120, 6)) * 0.1
        model = keras.Sequential([keras.Input((6,))])
        for units in (16, 4):
            model.add(layers.Dense(units, activation="relu" if units > 4 else "softmax"))
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(X, y, verbose=0)
        """
    assert only(run_doctor(source, tmp_path, select=(RULE,)), RULE).edit is None


def test_spare_units_without_names_are_only_mentioned(tmp_path: Path) -> None:
    source = program("y = ids", 'layers.Dense(10, activation="softmax")', SPARSE)
    diagnosis = run_doctor(source, tmp_path)
    assert only(diagnosis, RULE).severity == "info"
    assert not names(diagnosis)


@pytest.mark.parametrize(
    ("labels", "last", "loss", "classes"),
    [
        ("y = ids", 'layers.Dense(2, activation="softmax")', SPARSE, 2),
        ("y = keras.utils.to_categorical(ids)", 'layers.Dense(2, activation="softmax")', FULL, 2),
        ("y = np.minimum(ids, 1)", 'layers.Dense(3, activation="softmax")', SPARSE, 3),
        ("y = ids + 1", 'layers.Dense(4, activation="softmax")', SPARSE, 3),
        ("y = ids / 5", 'layers.Dense(1, activation="sigmoid")', BINARY, 6),
        ("y = X[:, :2] * 1.0", "layers.Dense(2)", '"mse"', 2),
    ],
    ids=["two-ids", "two-columns", "class-missing", "ids-from-one", "soft", "regression"],
)
def test_traps(labels: str, last: str, loss: str, classes: int, tmp_path: Path) -> None:
    assert RULE not in names(run_doctor(program(labels, last, loss, classes=classes), tmp_path))


def test_trap_sequences(tmp_path: Path) -> None:
    diagnosis = run_doctor(
        """
        import numpy as np, keras
        from keras import layers
        rng = np.random.default_rng(0)
        X = rng.integers(1, 20, (120, 7))
        Y = np.roll(X, -1, axis=1)
        model = keras.Sequential([keras.Input((7,)), layers.Embedding(30, 8),
                                  layers.GRU(8, return_sequences=True), layers.Dense(30, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(X, Y, verbose=0)
        """,
        tmp_path,
    )
    assert not names(diagnosis)
