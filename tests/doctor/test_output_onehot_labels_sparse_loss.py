"""onehot-labels-sparse-loss: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, names, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "onehot-labels-sparse-loss"


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        ('layers.Dense(3, activation="softmax")', '"sparse_categorical_crossentropy"'),
        ("layers.Dense(3)", "keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
    ],
    ids=["string", "logits"],
)
@pytest.mark.parametrize("labels", ["y = keras.utils.to_categorical(ids)", "y = np.eye(3)[ids].astype(bool)"])
def test_names_the_compile_and_mends_it(labels: str, last: str, loss: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(program(labels, last, loss), tmp_path)
    finding = only(diagnosis, RULE)
    assert names(diagnosis) == [RULE]
    assert line_of(finding, tmp_path).startswith("model.compile(")
    assert not names(run_doctor(repaired(diagnosis, RULE), tmp_path))


def test_trap_ids(tmp_path: Path) -> None:
    assert not names(run_doctor(program(), tmp_path))


def test_trap_maps_as_wide_as_classes(tmp_path: Path) -> None:
    diagnosis = run_doctor(
        """
        import numpy as np, keras
        from keras import layers
        X = np.zeros((40, 4, 4, 1), "float32")
        Y = np.zeros((40, 4, 4), "int32")
        for i in range(40):
            for row in range(4):
                Y[i, row, (i + row) % 4] = 1
        X[..., 0] = Y
        model = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(4, 1, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(X, Y, verbose=0)
        """,
        tmp_path,
    )
    silent(diagnosis, RULE)
