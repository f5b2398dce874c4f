"""Fixtures that every room's tests may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("HEADSTART_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real pictures and weights that the project does not ship."""
    if not (SHARED / "data").is_dir():
        pytest.skip("real pictures and weights are not here (set HEADSTART_SHARED to their folder)")
    return SHARED


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A feature store of its own for every test: none touches the user's."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HEADSTART_HOME", str(folder))
    return folder
