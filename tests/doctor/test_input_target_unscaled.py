"""target-unscaled: fault, mended form, traps."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import line_of, only, run_doctor, silent

pytestmark = pytest.mark.gradients
RULE = "target-unscaled"

FAULTY = """
import numpy as np
from keras.models import Sequential
from keras.layers import Dense

rng = np.random.default_rng(0)
X = rng.uniform(-1, 1, size=(500, 3))
y = 200000 + 50000 * X[:, 0] - 30000 * X[:, 1] ** 2
model = Sequential()
model.add(Dense(32, activation="relu"))
model.add(Dense(1))
model.compile(loss="mse", optimizer="adam")
model.fit(X, y, epochs=20, batch_size=32)
"""


def test_names_the_fit(tmp_path: Path) -> None:
    finding = only(run_doctor(FAULTY, tmp_path, select=(RULE,)), RULE)
    assert finding.severity == "warning"
    assert line_of(finding, tmp_path).startswith("model.fit(")
    assert finding.evidence["with targets of mean 0 and spread 1"] > 0.5


def test_inputs_and_targets_unscaled(tmp_path: Path) -> None:
    """Stack Overflow 52800582: -100..100 in, up to 10,000 out, a sigmoid layer first."""
    program = """
    import numpy as np
    from keras.models import Sequential
    from keras.layers import Dense
    x = np.linspace(-100, 100, 400).reshape(-1, 1)
    y = x ** 2
    model = Sequential()
    model.add(Dense(20, input_dim=1, activation='sigmoid'))
    model.add(Dense(20, activation='relu'))
    model.add(Dense(1))
    model.compile(loss='mse', optimizer='adam')
    model.fit(x, y, epochs=50, batch_size=32)
    """
    only(run_doctor(program, tmp_path, select=(RULE,)), RULE)


@pytest.mark.parametrize(("rate", "named"), [("0.001", True), ("5.0", False)])
def test_behind_a_sigmoid_the_steps_bound_the_output(rate: str, named: bool, tmp_path: Path) -> None:
    program = FAULTY.replace('activation="relu"', 'activation="sigmoid"').replace(
        'optimizer="adam"', f'optimizer=__import__("keras").optimizers.Adam({rate})'
    )
    found = run_doctor(program.replace("200000 + ", ""), tmp_path, select=(RULE,)).of(RULE)
    assert [any("no further" in name for name in f.evidence) for f in found] == ([True] if named else [])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("model = ", "y = (y - y.mean()) / y.std()\nmodel = "),
        ('optimizer="adam"', 'optimizer=__import__("keras").optimizers.Adam(30.0)'),
        ("y = 200000 + 50000 * X[:, 0] - 30000", "y = 30 + 5 * X[:, 0] - 3"),
    ],
    ids=["scaled", "a-rate-that-suits", "small-units"],
)
def test_mended_and_traps(old: str, new: str, tmp_path: Path) -> None:
    program = FAULTY.replace(old, new)
    if "30 + 5" in new:
        program = program.replace("epochs=20", "epochs=100")
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)


def test_trap_nothing_to_learn(tmp_path: Path) -> None:
    program = FAULTY.replace("y = 200000", "y = rng.normal(300, 50, size=500) #")
    silent(run_doctor(program, tmp_path, select=(RULE,)), RULE)
