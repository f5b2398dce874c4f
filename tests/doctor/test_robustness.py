"""Scripts that do not simply come to a fit: each ends with a clear word, and no process is left behind."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from support import run_doctor

pytestmark = [pytest.mark.gradients, pytest.mark.slow]

FIT = """
import keras, numpy as np
X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
y = (X[:, 0] > 0).astype("int32")
model = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy")
"""


def test_never_calls_fit(tmp_path: Path) -> None:
    diagnosis = run_doctor("print('hello')", tmp_path, child=True)
    assert (diagnosis.ending, diagnosis.exit_code) == ("end", 2)
    assert "without training" in diagnosis.note


def test_sys_exit(tmp_path: Path) -> None:
    diagnosis = run_doctor("import sys; sys.exit('no data')", tmp_path, child=True)
    assert (diagnosis.ending, diagnosis.exit_code) == ("exit", 2)
    assert "no data" in diagnosis.note


def test_os_exit(tmp_path: Path) -> None:
    diagnosis = run_doctor("import os; os._exit(3)", tmp_path, child=True)
    assert (diagnosis.ending, diagnosis.exit_code) == ("killed", 2)
    assert "status 3" in diagnosis.note


def test_raises_on_import(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("import no_such_module_at_all\n", encoding="utf-8")
    diagnosis = run_doctor("x = 1\nimport helper\n", tmp_path, child=True)
    assert (diagnosis.ending, diagnosis.exit_code) == ("error", 2)
    assert diagnosis.crash is not None
    assert diagnosis.crash.place is not None
    assert Path(diagnosis.crash.place.file).name == "helper.py"
    assert "headstart" not in diagnosis.crash.traceback
    assert "not installed" in diagnosis.note


def test_no_python(tmp_path: Path) -> None:
    diagnosis = run_doctor("model.fit(x\n", tmp_path, child=True)
    assert diagnosis.ending == "unreadable"
    assert diagnosis.exit_code == 2
    assert diagnosis.crash is not None
    assert diagnosis.crash.place is not None
    assert diagnosis.crash.place.line == 1


def test_missing_script(tmp_path: Path) -> None:
    from headstart.doctor.examination import examine

    diagnosis = examine(tmp_path / "none.py")
    assert diagnosis.ending == "unreadable"
    assert "not a file" in diagnosis.note


def test_reads_stdin(tmp_path: Path) -> None:
    diagnosis = run_doctor("name = input('data folder? ')", tmp_path, child=True)
    assert diagnosis.ending == "error"
    assert "standard input" in diagnosis.note


def test_runs_for_ever(tmp_path: Path) -> None:
    started = time.monotonic()
    diagnosis = run_doctor("while True: pass", tmp_path, child=True, timeout=3)
    assert (diagnosis.ending, diagnosis.exit_code) == ("timeout", 2)
    assert time.monotonic() - started < 15


def test_needs_arguments(tmp_path: Path) -> None:
    source = "import argparse\np = argparse.ArgumentParser()\np.add_argument('folder')\np.parse_args()\n"
    assert run_doctor(source, tmp_path, child=True).ending == "exit"
    assert run_doctor(source, tmp_path, "there", child=True).ending == "end"


def test_swallows_everything_and_goes_on(tmp_path: Path) -> None:
    source = FIT + (
        "for _ in range(2):\n"
        "    try:\n"
        "        model.fit(X, y)\n"
        "    except:\n"
        "        pass\n"
        "open('went-on.txt', 'w').write('x')\n"
        "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
    )
    started = time.monotonic()
    diagnosis = run_doctor(source, tmp_path, child=True)
    assert (diagnosis.ending, diagnosis.fits, diagnosis.exit_code) == ("fit", 1, 0)
    assert time.monotonic() - started < 60


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forks_and_leaves_nothing_behind(tmp_path: Path) -> None:
    source = (
        (
            "import os, time\n"
            "if os.fork() == 0:\n"
            "    open('child.txt', 'w').write(str(os.getpid()))\n"
            "    time.sleep(600)\n"
            "while not os.path.exists('child.txt') or not open('child.txt').read(): time.sleep(0.05)\n"
        )
        + FIT
        + "model.fit(X, y)\n"
    )
    diagnosis = run_doctor(source, tmp_path, child=True)
    assert diagnosis.ending == "fit"
    child = int((tmp_path / "child.txt").read_text(encoding="utf-8"))
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _alive(child):
        time.sleep(0.05)
    assert not _alive(child)


def _alive(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
        return status.rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        pass
    if Path("/proc/self").exists():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_its_output_is_not_ours(tmp_path: Path) -> None:
    diagnosis = run_doctor(
        "print('a line of the script')\n" + FIT + "model.fit(X, y)\n", tmp_path, child=True
    )
    assert diagnosis.ending == "fit"
    assert "a line of the script" in (tmp_path / "output.txt").read_text(encoding="utf-8")


def test_cleans_up_what_the_script_registered(tmp_path: Path) -> None:
    source = "import atexit\natexit.register(lambda: open('bye.txt', 'w').close())\n" + FIT
    source += "try:\n    model.fit(X, y)\nfinally:\n    open('finally.txt', 'w').close()\n"
    run_doctor(source, tmp_path, child=True)
    assert (tmp_path / "bye.txt").exists()
    assert (tmp_path / "finally.txt").exists()


def test_notebook(tmp_path: Path) -> None:
    import json

    cells = [
        {"cell_type": "markdown", "source": ["# Title"]},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "!ls\n", "import keras, numpy as np\n"]},
        {
            "cell_type": "code",
            "source": [
                "X = np.random.default_rng(0).normal(size=(64, 4)).astype('float32')\n",
                "y = (X[:, 0] > 0).astype('int32')\n",
                "model = keras.Sequential([\n",
                "    keras.layers.Dense(1, activation='softmax'),\n",
                "])\n",
                "model.compile('adam', 'binary_crossentropy')\n",
                "model.fit(X, y)",
            ],
        },
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "book.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    from headstart.doctor.examination import examine
    from headstart.doctor.repair.patch import patches, write

    script = str(tmp_path / "book.ipynb")
    found = examine(script).of("softmax-one-unit")
    assert len(found) == 1
    assert found[0].place is not None
    assert (found[0].place.cell, found[0].place.line) == (2, 4)
    made = patches(found)
    write(made[0])
    assert not examine(script).of("softmax-one-unit")
