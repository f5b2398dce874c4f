"""The public names, the reporters, the registry, edits on text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from headstart.doctor.records import Diagnosis, Finding, Operation, Place
from headstart.doctor.repair import edits
from headstart.doctor.repair.site import EditError, edited
from headstart.doctor.reporters import github, sarif, text
from headstart.doctor.reporters import json as as_json


def test_public_names_are_callables() -> None:
    import headstart.doctor as doctor

    assert callable(doctor.examine)
    assert callable(doctor.diagnose)
    assert callable(doctor.Doctor)


def at(source: str, code: str) -> Place:
    """The place of a piece of one-line code in a source."""
    for number, line in enumerate(source.splitlines(), 1):
        if code in line:
            column = line.index(code) + 1
            return Place("f.py", number, column, column + len(code))
    raise AssertionError(code)


@pytest.mark.parametrize(
    ("source", "operation", "expected"),
    [
        (
            "m.fit(x, epochs=3, workers=2)\n",
            lambda p: edits.remove_argument(p, "workers"),
            "m.fit(x, epochs=3)\n",
        ),
        (
            "m.fit(x, workers=2, epochs=3)\n",
            lambda p: edits.remove_argument(p, "workers"),
            "m.fit(x, epochs=3)\n",
        ),
        (
            "Dense(1)\n",
            lambda p: edits.set_argument(p, "activation", '"relu"', 1),
            'Dense(1, activation="relu")\n',
        ),
        ("Dense(1, 'a')\n", lambda p: edits.set_argument(p, "activation", '"relu"', 1), 'Dense(1, "relu")\n'),
        ("m.fit(x)\n", lambda p: edits.call_through(p, "headstart.fit"), "headstart.fit(m, x)\n"),
        ("m.fit_generator(x)\n", lambda p: edits.rename_callee(p, "fit"), "m.fit(x)\n"),
        ("SGD(lr=1)\n", lambda p: edits.rename_argument(p, "lr", "learning_rate"), "SGD(learning_rate=1)\n"),
        ("f(x)\n", lambda p: edits.wrap(p, "g({}, 1)"), "g(f(x), 1)\n"),
        ("if a:\n    f(x)\n", edits.remove_statement, "if a:\n    pass\n"),
        ("f(x)\n", lambda p: edits.insert_statement(p, "a = 1\nb = 2", "before"), "a = 1\nb = 2\nf(x)\n"),
        ("import os\nf(x)\n", lambda p: edits.add_import(p, "keras"), "import os\nimport keras\nf(x)\n"),
        (
            "from k import (\n    A,\n)\nf(x)\n",
            lambda p: edits.add_import(p, "k", "B"),
            "from k import (\n    A,\n    B,\n)\nf(x)\n",
        ),
    ],
)
def test_verbs(source: str, operation: object, expected: str) -> None:
    call = source.strip().splitlines()[-1].strip()
    assert edited(source, [operation(at(source, call))]) == expected  # type: ignore[operator]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("m = S([\n    A(1),\n    D(2),\n])\n", "m = S([\n    A(1),\n    N(),\n    D(2),\n])\n"),
        ("m.add(A(1))\n\nm.add(D(2))  # c\n", "m.add(A(1))\n\nm.add(N())\nm.add(D(2))  # c\n"),
        ("x = A(1)(i)\nx = D(2)(x)\n", "x = A(1)(i)\nx = D(2)(N()(x))\n"),
    ],
)
def test_insert_layer_in_three_styles(source: str, expected: str) -> None:
    assert edited(source, [edits.insert_layer(at(source, "D(2)"), "N()", "before")]) == expected


def test_an_edit_that_does_not_fit_is_refused() -> None:
    with pytest.raises(EditError):
        edited("f(x)\n", [edits.remove_argument(Place("f.py", 7, 1, 5), "a")])


def sample(tmp_path: Path) -> Diagnosis:
    script = tmp_path / "s.py"
    script.write_text("a = 1\nmodel.fit(x, workers=2)\n", encoding="utf-8")
    place = Place(str(script), 2, 1, 24)
    inner = Finding("loss-not-falling", "warning", None, "the loss does not fall", {"fell": float("nan")})
    edit = edits.remove_argument(place, "workers")
    from headstart.doctor.records import Edit

    outer = Finding(
        "a-rule",
        "error",
        place,
        "50 % wrong, really",
        {"n": 3},
        ("loss-not-falling",),
        Edit("Drop", (edit,), True),
        (inner,),
    )
    return Diagnosis(str(script), (outer,), "fit", fits=1, seconds={"total": 1.0})


def test_json_round_trip(tmp_path: Path) -> None:
    diagnosis = sample(tmp_path)
    document = json.loads(as_json.render(diagnosis))
    assert [(f["rule"], f["line"], f["explained_by"]) for f in document["findings"]] == [
        ("a-rule", 2, None),
        ("loss-not-falling", None, 0),
    ]
    back = as_json.diagnosis_from(document)
    assert back.findings[0].place == diagnosis.findings[0].place
    assert back.findings[0].edit == diagnosis.findings[0].edit
    assert back.findings[0].folded[0].rule == "loss-not-falling"
    assert back.exit_code == 1


def test_text_points_with_a_caret(tmp_path: Path) -> None:
    shown = text.render(sample(tmp_path))
    assert "2 | model.fit(x, workers=2)\n    | ^^^^^^^^^^^^^^^^^^^^^^^" in shown
    assert "this explains:" in shown
    assert "1 error, 1 warning" in shown


def test_github_escapes(tmp_path: Path) -> None:
    line = github.render(sample(tmp_path)).splitlines()[0]
    assert line.startswith("::error file=")
    assert "50 %25 wrong, really%0An: 3" in line


@pytest.mark.gradients
def test_sarif(tmp_path: Path) -> None:
    log = json.loads(sarif.render(sample(tmp_path)))
    result = log["runs"][0]["results"][0]
    assert result["ruleId"] == "a-rule"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 2


def test_every_rule_has_a_full_page() -> None:
    from headstart.doctor.rules import all_rules

    for rule in all_rules().values():
        assert len(rule.summary) <= 110, rule.name
        assert rule.summary.endswith("."), rule.name
        for heading in ("Why it hurts", "Wrong", "Right", "How it was measured", "When it is wrong"):
            assert f"\n{heading}\n" in rule.page, f"{rule.name}: {heading}"
        assert rule.name.replace("-", "_") == rule.module.__name__.rsplit(".", 1)[1]


def test_operations_are_plain_data() -> None:
    assert Operation("replace", Place("f", 1), {"code": "x"}) == edits.replace(Place("f", 1), "x")
