"""int-labels-categorical-loss: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, names, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "int-labels-categorical-loss"
CATEGORICAL = '"categorical_crossentropy"'


@pytest.mark.parametrize(
    ("labels", "loss"),
    [
        ("y = ids", CATEGORICAL),
        ('y = ids.reshape(-1, 1).astype("float32")', CATEGORICAL),
        ("y = ids", "keras.losses.CategoricalCrossentropy()"),
        ("y = ids", "keras.losses.categorical_crossentropy"),
    ],
    ids=["string", "float-column", "object", "function"],
)
def test_names_the_compile_and_mends_it(labels: str, loss: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(program(labels, loss=loss), tmp_path)
    finding = only(diagnosis, RULE)
    assert names(diagnosis) == [RULE]
    assert finding.severity == "error"
    assert line_of(finding, tmp_path).startswith("model.compile(")
    assert finding.evidence["units"] == 3
    mended = repaired(diagnosis, RULE)
    assert "sparse_categorical_crossentropy" in mended
    assert not names(run_doctor(mended, tmp_path))


def test_logits_keep_their_flag(tmp_path: Path) -> None:
    source = program(last="layers.Dense(3)", loss="keras.losses.CategoricalCrossentropy(from_logits=True)")
    mended = repaired(run_doctor(source, tmp_path), RULE)
    assert "keras.losses.SparseCategoricalCrossentropy(from_logits=True)" in mended
    assert not names(run_doctor(mended, tmp_path))


def test_label_smoothing_leaves_the_edit_to_the_user(tmp_path: Path) -> None:
    source = program(loss="keras.losses.CategoricalCrossentropy(label_smoothing=0.1)")
    assert only(run_doctor(source, tmp_path), RULE).edit is None


def test_maps(tmp_path: Path) -> None:
    source = """
        import numpy as np, keras
        from keras import layers
        rng = np.random.default_rng(0)
        X = rng.random((40, 8, 8, 1)).astype("float32")
        Y = (X[..., 0] > 0.3).astype("int32") + (X[..., 0] > 0.6)
        model = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3, padding="same", activation="relu"),
                                  layers.Conv2D(3, 1, activation="softmax")])
        model.compile("adam", "{}")
        model.fit(X, Y, verbose=0)
        """
    only(run_doctor(source.format("categorical_crossentropy"), tmp_path, select=(RULE,)), RULE)
    silent(run_doctor(source.format("sparse_categorical_crossentropy"), tmp_path), RULE)


@pytest.mark.parametrize(
    ("labels", "loss"),
    [
        ("y = keras.utils.to_categorical(ids)", CATEGORICAL),
        ('y = ids.reshape(-1, 1).astype("float32")', '"sparse_categorical_crossentropy"'),
        ("y = keras.utils.to_categorical(ids) * 0.9 + 0.1 / 3", CATEGORICAL),
    ],
    ids=["one-hot", "sparse-float-column", "smoothed"],
)
def test_traps(labels: str, loss: str, tmp_path: Path) -> None:
    assert not names(run_doctor(program(labels, loss=loss), tmp_path))
