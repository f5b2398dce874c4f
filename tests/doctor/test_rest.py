"""Following the part of a script that has not run: names, functions, loops, containers."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import run_doctor

from headstart.doctor.case import Case
from headstart.doctor.rest.values import Rest
from headstart.doctor.rules import all_rules

pytestmark = pytest.mark.gradients

START = """
import numpy as np
import keras
X = np.random.default_rng(0).normal(size=(40, 3)).astype("float32")
y = (X[:, 0] > 0).astype("int32")
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
"""


def rest_after(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rest:
    """What is followed after the fit of a program."""
    found: list[Rest] = []

    def keep(case: Case) -> list[None]:
        found.append(case.probes.rest)
        return []

    rule = all_rules()["argmax-one-sigmoid"]
    monkeypatch.setitem(rule.__dict__, "check", keep)
    run_doctor(START + code, tmp_path, select=("argmax-one-sigmoid",))
    assert found, "the rule was not asked"
    return found[0]


@pytest.mark.parametrize(
    "code",
    [
        "model.fit(X, y)\nsee(model.predict(X))\n",
        "model.fit(X, y)\np = np.array(model.predict(X))\nq = p\nsee(q[:5])\n",
        "def train():\n    model.fit(X, y)\n    return model.predict(X)\n\nsee(train())\n",
        "def ask(m, data=X):\n    return m.predict(data)\n\nmodel.fit(X, y)\nsee(ask(model))\n",
        "if True:\n    for turn in range(2):\n        with open(__file__):\n            model.fit(X, y)\n    p = model.predict(X)\nsee(p)\n",
        "class Job:\n    def __init__(self):\n        self.net = model\n    def run(self):\n        self.net.fit(X, y)\n"
        "    def ask(self):\n        return self.net.predict(X)\n\njob = Job()\njob.run()\nsee(job.ask())\n",
        "model.fit(X, y)\nask = lambda data: model.predict(data)\nsee(ask(X))\n",
    ],
    ids=["plain", "copies", "returned", "function", "blocks", "method", "lambda"],
)
def test_a_prediction_arrives_as_it_is(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    see = rest_after("see = print\n" + code, tmp_path, monkeypatch).calls("see")
    assert see
    assert see[-1].args[0].exact is not None
    assert type(see[-1].args[0].exact.thing).__name__ == "Sequential"


@pytest.mark.parametrize(
    "change", ["p = 1 - p", "p = np.hstack([p, p])", "p = X", "p, q = X, y", "del p\np = np.ones(3)"]
)
def test_a_changed_prediction_does_not(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = f"see = print\nmodel.fit(X, y)\np = model.predict(X)\n{change}\nsee(p)\n"
    see = rest_after(code, tmp_path, monkeypatch).calls("see")
    assert see[-1].args[0].exact is None


def test_a_name_bound_anew_is_not_the_live_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "model.fit(X, y)\nmodel = something(model)\nsee(model.predict(X))\ndef something(m):\n    return open(m)\n"
    see = rest_after("see = print\n" + code, tmp_path, monkeypatch).calls("see")
    assert see[-1].args[0].exact is None


def test_loops_without_end_are_followed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "model.fit(X, y)\ndef round_and_round(n):\n    return round_and_round(n + 1)\n"
        "while True:\n    round_and_round(0)\n    for i in iter(int, 1):\n        model.predict(X)\n"
    )
    assert len(rest_after(code, tmp_path, monkeypatch).calls("predict")) == 1


def test_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "model.fit(X, y)\nopen('made.txt', 'w').write('x')\nmodel.predict(X)\n"
    rest_after(code, tmp_path, monkeypatch)
    assert not (tmp_path / "made.txt").exists()
