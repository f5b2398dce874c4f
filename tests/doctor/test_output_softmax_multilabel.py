"""softmax-multilabel: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from output_programs import program
from support import line_of, names, only, repaired, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "softmax-multilabel"
SEVERAL = "y = np.stack([ids == 0, ids >= 1, ids == 2], 1).astype('float32')"


@pytest.mark.parametrize(
    "loss", ["categorical_crossentropy", "binary_crossentropy", "mse", "sparse_categorical_crossentropy"]
)
def test_names_the_layer_and_mends_it(loss: str, tmp_path: Path) -> None:
    diagnosis = run_doctor(program(SEVERAL, loss=f'"{loss}"'), tmp_path)
    finding = only(diagnosis, RULE)
    assert diagnosis.findings[0].rule == RULE
    assert line_of(finding, tmp_path).startswith("model.add(layers.Dense(3")
    assert float(finding.evidence["share of rows with two labels or more"]) == pytest.approx(1 / 3, abs=0.01)  # type: ignore[arg-type]
    mended = repaired(diagnosis, RULE)
    assert 'activation="sigmoid"' in mended
    assert '"binary_crossentropy"' in mended
    assert not names(run_doctor(mended, tmp_path))


def test_a_softmax_that_is_no_layer(tmp_path: Path) -> None:
    source = program(
        SEVERAL, "layers.Lambda(lambda x: keras.ops.softmax(x[:, :3]))", '"categorical_crossentropy"'
    )
    only(run_doctor(source, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(
    ("labels", "last", "loss"),
    [
        (
            "y = keras.utils.to_categorical(ids)",
            'layers.Dense(3, activation="softmax")',
            "categorical_crossentropy",
        ),
        (
            "y = keras.utils.to_categorical(ids); y = 0.7 * y + 0.3 * y[::-1]",
            'layers.Dense(3, activation="softmax")',
            "categorical_crossentropy",
        ),
        (SEVERAL, 'layers.Dense(3, activation="sigmoid")', "binary_crossentropy"),
        (SEVERAL, 'layers.Dense(3, activation="sigmoid", kernel_initializer="zeros")', "binary_crossentropy"),
    ],
    ids=["one-hot", "mixed", "sigmoid", "sigmoid-from-zero"],
)
def test_traps(labels: str, last: str, loss: str, tmp_path: Path) -> None:
    silent(run_doctor(program(labels, last, f'"{loss}"'), tmp_path), RULE)
