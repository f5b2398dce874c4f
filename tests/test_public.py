"""The public face: what is promised is there, and importing it is cheap."""

from __future__ import annotations

import subprocess
import sys

import headstart


def test_the_public_names() -> None:
    names = [
        "Doctor",
        "HeadstartClassifier",
        "HeadstartError",
        "diagnose",
        "evaluate",
        "fit",
        "predict",
        "train",
    ]
    assert sorted(headstart.__all__) == names
    assert all(callable(getattr(headstart, name)) for name in headstart.__all__)


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, headstart; print([m for m in ('keras', 'sklearn', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
