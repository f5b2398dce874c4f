"""What is wrong with a training command is said in one sentence, with status 2 and no run folder."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from headstart.cli import main
from headstart.core import backend
from headstart.features.store import Store
from headstart.use.demo import draw


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "pictures"
    draw(folder, pictures=40, seed=2)
    return folder


def complaint(arguments: list[str], drawn: Path, runs: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The last line on standard error of a command that must fail as a mistake does."""
    assert main(["train", str(drawn), *arguments, "--output", str(runs)]) == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error
    assert not [entry for entry in runs.iterdir() if entry.is_dir()] if runs.is_dir() else True
    lines = error.strip().splitlines()
    assert lines[-1].startswith("headstart train: ")
    return lines[-1]


@pytest.mark.parametrize("arguments", [["--fine-tune", "auto"], ["--head", "mlp"]])
def test_no_backend_for_gradients(
    arguments: list[str], drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if any(backend.installed(name) for name in backend.GRADIENT_BACKENDS):
        pytest.skip("a backend with gradients is installed")
    said = complaint(arguments, drawn, tmp_path / "runs", capsys)
    assert "Training with Keras needs one of the backends" in said
    assert "headstart[tensorflow]" in said


@pytest.mark.gradients
@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("blok15", "nearest names: block15"),
        ("head_relu", "that can be trained"),
        ("0", "takes a count from 1"),
        ("100%", "share between 0 and 1"),
    ],
)
def test_a_cut_that_is_none(
    where: str, said: str, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if backend.choose() not in backend.GRADIENT_BACKENDS:
        pytest.skip("no backend with gradients is in use")
    assert said in complaint(["--fine-tune", where], drawn, tmp_path / "runs", capsys)


@pytest.mark.parametrize(
    ("pragma", "said"), [("max_page_count = 16", "full"), ("query_only = 1", "readonly")]
)
def test_a_store_without_room_or_without_the_right_to_write(
    pragma: str,
    said: str,
    drawn: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    connect = Store._connect

    def limited(self: Store) -> sqlite3.Connection:
        connection = connect(self)
        # SQLite then answers as on a full disk, or on one that may only be read.
        connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection

    monkeypatch.setattr(Store, "_connect", limited)
    message = complaint(["--precision", "f32"], drawn, tmp_path / "runs", capsys)
    assert "The feature store must be in a folder that can be written and has space" in message
    assert said in message
    assert message.endswith("free some space, or set HEADSTART_HOME to another folder.")
