"""labels-shuffled: faults, mended forms, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_programs import DATA, MODEL, RANDOM, program
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients

RULE = "labels-shuffled"
FIT = "model.fit(X, y, epochs=3, verbose=0)"
WRONG = {
    "rows-in-place": "rng.shuffle(X)",
    "labels-in-place": "np.random.shuffle(y)",
    "labels-permuted": "y = np.random.permutation(y)",
    "rows-by-an-order": "X = X[rng.permutation(n)]",
    "labels-sorted": "y = np.sort(y)",
    "both-apart": "np.random.shuffle(X); np.random.shuffle(y)",
    "two-orders": "X = X[np.random.permutation(n)]; y = y[np.random.permutation(len(y))]",
}


@pytest.mark.parametrize("name", WRONG)
def test_arrays(name: str, tmp_path: Path) -> None:
    finding = only(run_doctor(program(DATA, WRONG[name], MODEL, FIT), tmp_path), RULE)
    assert finding.severity == "error"
    assert line_of(finding, tmp_path) == WRONG[name]
    paired, undone = (
        finding.evidence[k] for k in ("labels told from the rows as paired", "with that order undone")
    )
    assert isinstance(paired, float)
    assert isinstance(undone, float)
    assert paired < 0.62
    assert undone > 0.85


AFTER = {
    "slices": "X_train, y_train = X[:300] / 2, y[:300]",
    "split": "from sklearn.model_selection import train_test_split\n"
    "X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)\n"
    "from sklearn.preprocessing import StandardScaler\nX_train = StandardScaler().fit_transform(X_train)",
    "encoded": "X_train, y_train = X[100:], y[100:]",
}


@pytest.mark.parametrize("name", AFTER)
def test_before_a_split(name: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    fit = "model.fit(X_train, y_train, epochs=3)"
    finding = only(run_doctor(program(DATA, "rng.shuffle(y)", AFTER[name], MODEL, fit), tmp_path), RULE)
    assert line_of(finding, tmp_path) == "rng.shuffle(y)"
    silent(run_doctor(program(DATA, AFTER[name], MODEL, fit), tmp_path), RULE)


def test_split_apart(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    parts = """
from sklearn.model_selection import train_test_split
X_train, X_test = train_test_split(X, test_size=0.2, random_state=1)
y_train, y_test = train_test_split(y, test_size=0.2, random_state=2)
"""
    fit = "model.fit(X_train, y_train, epochs=3)"
    finding = only(run_doctor(program(DATA, parts, MODEL, fit), tmp_path), RULE)
    assert line_of(finding, tmp_path).startswith("y_train, y_test = train_test_split")
    silent(run_doctor(program(DATA, parts.replace("=2)", "=1)"), MODEL, fit), tmp_path), RULE)


@pytest.mark.parametrize(
    "wrong",
    [
        "from sklearn.utils import shuffle; X = shuffle(X)",
        "import random; y = list(y); random.shuffle(y); y = np.array(y)",
    ],
)
def test_other_ways(wrong: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    finding = only(run_doctor(program(DATA, wrong, MODEL, FIT), tmp_path), RULE)
    assert line_of(finding, tmp_path) == wrong


def test_a_table_sampled_apart(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    source = program(
        DATA,
        "import pandas as pd",
        "table = pd.DataFrame(X)",
        "table = table.sample(frac=1, random_state=0)",
        MODEL,
        "model.fit(table.values, y, epochs=3)",
    )
    assert line_of(only(run_doctor(source, tmp_path), RULE), tmp_path).startswith("table = table.sample")


def test_targets_of_a_regression(tmp_path: Path) -> None:
    source = program(
        DATA,
        "t = X @ np.arange(6.0)",
        "rng.shuffle(t)",
        "model = keras.Sequential([layers.Dense(8, 'relu'), layers.Dense(1)])",
        "model.compile('adam', 'mse')",
        "model.fit(X, t)",
    )
    assert line_of(only(run_doctor(source, tmp_path), RULE), tmp_path) == "rng.shuffle(t)"


TRAPS = {
    "together": program(DATA, "order = rng.permutation(n)", "X, y = X[order], y[order]", MODEL, FIT),
    "same-seed": program(
        DATA, "np.random.seed(1); np.random.shuffle(X); np.random.seed(1); np.random.shuffle(y)", MODEL, FIT
    ),
    "together-sklearn": program(DATA, "from sklearn.utils import shuffle; X, y = shuffle(X, y)", MODEL, FIT),
    "no-signal": program(
        RANDOM, "order = np.random.permutation(300)", "X, y = X[order], y[order]", MODEL, FIT
    ),
    "hard": program(
        DATA,
        "X = rng.normal(size=(n, 6)) + 0.05 * y[:, None]",
        "o = rng.permutation(n)",
        "X, y = X[o], y[o]",
        MODEL,
        FIT,
    ),
    "clusters-that-say-nothing": program(
        DATA, "y = rng.integers(0, 2, n)", "o = rng.permutation(n)", "X, y = X[o], y[o]", MODEL, FIT
    ),
    "an-order-for-something-else": program(DATA, "np.random.permutation(n)[:10]", MODEL, FIT),
    "xor": program(
        DATA,
        "X = np.array([[0,0],[0,1],[1,0],[1,1]], 'float32'); y = np.array([0,1,1,0])",
        "o = rng.permutation(4); X, y = X[o], y[o]",
        "model = keras.Sequential([layers.Dense(4, 'tanh'), layers.Dense(1, 'sigmoid')])",
        "model.compile('adam', 'binary_crossentropy')",
        FIT,
    ),
    "no-order": program(DATA, MODEL, FIT),
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    silent(run_doctor(TRAPS[name], tmp_path), RULE)


ZIP = """
import tensorflow as tf
xs = tf.data.Dataset.from_tensor_slices(X).shuffle(400)
ys = tf.data.Dataset.from_tensor_slices(y)
ds = tf.data.Dataset.zip((xs, ys)).batch(32)
"""


def test_pipelines_shuffled_apart(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    fit = "model.fit(ds)"
    finding = only(run_doctor(program(DATA, ZIP, MODEL, fit), tmp_path), RULE)
    assert line_of(finding, tmp_path).startswith("xs = ")
    mended = ZIP.replace("(X).shuffle(400)", "(X)").replace(".batch", ".shuffle(400).batch")
    silent(run_doctor(program(DATA, mended, MODEL, fit), tmp_path), RULE)


def test_the_orders_leave_the_numbers_alone(tmp_path: Path) -> None:
    source = program(
        DATA,
        "np.random.seed(3); rng = np.random.default_rng(4)",
        "a = np.arange(20); np.random.shuffle(a); rng.shuffle(a); b = rng.permutation(X[:5]); c = np.random.permutation(7)",
        "import pathlib; pathlib.Path('out.txt').write_text(repr([a.tolist(), b.tolist(), c.tolist(), np.random.rand(), rng.random()]))",
        MODEL,
        FIT,
    )
    run_doctor(source, tmp_path)
    watched = (tmp_path / "out.txt").read_text(encoding="utf-8")
    plain = "\n".join(
        line for line in source.split("\n") if "model" not in line.lower() and "keras" not in line
    )
    plain = plain[: plain.index("write_text(repr") + plain[plain.index("write_text(repr") :].index("\n")]
    import os

    here = Path.cwd()
    os.chdir(tmp_path)
    try:
        exec(compile(plain, "plain", "exec"), {})
    finally:
        os.chdir(here)
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == watched
