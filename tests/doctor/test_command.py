"""`headstart doctor` as a command: its exit status, its formats, its repair, a model file, plug-ins."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from support import run_doctor

from headstart.core import backend
from headstart.doctor import rules
from headstart.doctor.live import diagnose
from headstart.doctor.reporters import json as as_json
from headstart.doctor.reporters import text

pytestmark = pytest.mark.gradients

FAULTY = """\
import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(400, 6)).astype("float32")
y = (x[:, 0] - x[:, 1] > 0).astype("float32")
print("loading")

model = keras.Sequential(
    [
        keras.Input((6,)),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=20)
"""
HEALTHY = FAULTY.replace('"softmax"', '"sigmoid"')


def doctor(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "headstart", "doctor", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=240,
    )


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "train.py"
    path.write_text(FAULTY, encoding="utf-8")
    return path


def test_json_stands_alone_on_standard_output(script: Path) -> None:
    done = doctor("train.py", "--format", "json", folder=script.parent)
    assert done.returncode == 1
    found = json.loads(done.stdout)["findings"]
    assert found[0]["rule"] == "softmax-one-unit"
    assert found[0]["line"] == 14
    assert {"rule", "severity", "file", "line", "message", "evidence", "explains", "edit"} <= set(found[0])
    assert "loading" in done.stderr


def test_a_healthy_script_exits_0(script: Path) -> None:
    script.write_text(HEALTHY, encoding="utf-8")
    done = doctor("train.py", folder=script.parent)
    assert done.returncode == 0, done.stdout


def test_a_comment_on_the_line_silences_a_rule(script: Path) -> None:
    line = 'layers.Dense(1, activation="softmax"),'
    script.write_text(
        FAULTY.replace(line, line + "  # headstart: ignore[softmax-one-unit]"), encoding="utf-8"
    )
    done = doctor("train.py", "--format", "json", folder=script.parent)
    assert "softmax-one-unit" not in done.stdout


def test_fix_shows_the_edit_and_write_makes_it(script: Path) -> None:
    shown = doctor("train.py", "--fix", folder=script.parent)
    assert '+        layers.Dense(1, activation="sigmoid"),' in shown.stdout
    assert script.read_text(encoding="utf-8") == FAULTY
    doctor("train.py", "--write", folder=script.parent)
    assert script.read_text(encoding="utf-8") == HEALTHY
    assert doctor("train.py", folder=script.parent).returncode == 0


@pytest.mark.slow
def test_prove_trains_both_for_the_same_budget(script: Path) -> None:
    done = doctor("train.py", "--prove", "--epochs", "20", folder=script.parent)
    rows = {
        line.split()[0]: line.split()[1:3] for line in done.stdout.splitlines() if line.startswith("accuracy")
    }
    before, after = map(float, rows["accuracy"])
    assert before < 0.65
    assert after > 0.85
    assert script.read_text(encoding="utf-8") == FAULTY


def test_a_script_that_runs_for_ever_is_ended(script: Path) -> None:
    script.write_text("import time\nwhile True:\n    time.sleep(0.1)\n", encoding="utf-8")
    done = doctor("train.py", "--timeout", "3", folder=script.parent)
    assert done.returncode == 2
    assert "--timeout" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.py"], "nothing.py"),
        (["train.py", "--select", "softmax-one-unt"], "softmax-one-unt"),
        (["model.keras"], "--data"),
    ],
)
def test_mistakes_get_a_sentence_and_status_2(arguments: list[str], said: str, script: Path) -> None:
    done = doctor(*arguments, folder=script.parent)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_model_file_with_pictures(tmp_path: Path) -> None:
    make = """
        import sys, keras, numpy as np
        from PIL import Image
        rng = np.random.default_rng(0)
        for name, level in (("dark", 60), ("light", 190)):
            for number in range(20):
                folder = __import__("pathlib").Path("pictures", name); folder.mkdir(parents=True, exist_ok=True)
                pixels = rng.normal(level, 20, (16, 16, 3)).clip(0, 255).astype("uint8")
                Image.fromarray(pixels).save(folder / f"{number}.png")
        model = keras.Sequential([
            keras.Input((16, 16, 3)), keras.layers.Rescaling(1 / 255), keras.layers.Flatten(),
            keras.layers.Dense(1, activation=sys.argv[1]),
        ])
        model.compile("adam", "binary_crossentropy")
        model.save("model.keras")
    """
    for last, status in (("softmax", 1), ("sigmoid", 0)):
        subprocess.run([sys.executable, "-c", textwrap.dedent(make), last], cwd=tmp_path, check=True)
        done = doctor("model.keras", "--data", "pictures", folder=tmp_path)
        assert done.returncode == status, done.stdout + done.stderr
        assert ("softmax-one-unit" in done.stdout) == (last == "softmax")


@pytest.mark.slow
def test_ten_runs_say_the_same(script: Path) -> None:
    answers = []
    for _ in range(10):
        found = json.loads(doctor("train.py", "--format", "json", folder=script.parent).stdout)
        answers.append(json.dumps(found["findings"], sort_keys=True))
    assert len(set(answers)) == 1


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Makes a module with a rule, as another package would bring it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    class Point:
        name, value = "house", "house_rules"

    real = rules.importlib.metadata.entry_points
    monkeypatch.setattr(
        rules.importlib.metadata,
        "entry_points",
        lambda **how: [Point()] if how.get("group") == rules.ENTRY_POINTS else real(**how),
    )

    def write(body: str) -> None:
        text = f'"""Too few epochs for our house."""\nNAME = "house-epochs"\nGROUP = "house"\n{body}'
        (tmp_path / "house_rules.py").write_text(text, encoding="utf-8")
        sys.modules.pop("house_rules", None)
        importlib.invalidate_caches()
        rules.all_rules.cache_clear()

    yield write
    sys.modules.pop("house_rules", None)
    rules.all_rules.cache_clear()


def test_a_plug_in_adds_a_rule(tmp_path: Path, plug_in: Callable[[str], None]) -> None:
    plug_in(
        "from headstart.doctor.records import Finding\n"
        "def check(case):\n"
        '    yield Finding(NAME, "warning", case.fit.place, "few epochs", {"epochs": case.epochs})\n'
    )
    found = run_doctor(HEALTHY, tmp_path, select=("house-epochs",))
    assert [f.rule for f in found.findings] == ["house-epochs"]
    assert found.findings[0].place is not None


def test_a_rule_that_raises_is_said_and_ends_nothing(plug_in: Callable[[str], None]) -> None:
    plug_in("def check(case):\n    raise KeyError('rows')\n")
    keras = backend.ensure(gradients=True)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="softmax")])
    model.compile("adam", "binary_crossentropy")
    x = np.random.default_rng(0).normal(size=(64, 3)).astype("float32")
    found = diagnose(model, x, (x[:, 0] > 0).astype("float32"), select=("house-epochs", "softmax-one-unit"))
    assert [f.rule for f in found.all_findings] == ["softmax-one-unit"]
    assert found.failed == {"house-epochs": "KeyError: 'rows'"}
    assert "house-epochs was not looked at, by a defect of headstart: KeyError" in text.render(found)
    assert as_json.diagnosis_from(as_json.as_dict(found)).failed == found.failed
