"""A run that is ended early leaves a whole answer on what it saw, and the next one goes on from there."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from headstart.cli import main
from headstart.core import stopping
from headstart.core.errors import SettingsError
from headstart.core.progress import Silence
from headstart.runs.settings import Settings
from headstart.runs.so_far import SoFar
from headstart.runs.train import train_run
from headstart.use.demo import draw

PICTURES = 200


class Listening(Silence):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    warn = remark = say


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "pictures"
    draw(folder, pictures=PICTURES, seed=5)
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADSTART_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def after(count: int, act: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does something once when so many pictures went through the trunk."""
    seen: list[int] = []
    watch = SoFar.__call__

    def watching(self: SoFar, indices: Sequence[int], rows: Any) -> None:
        watch(self, indices, rows)
        before = len(seen)
        seen.extend(indices)
        if before < count <= len(seen):
            act()

    monkeypatch.setattr(SoFar, "__call__", watching)


def test_ctrl_c_ends_with_what_is_there(
    drawn: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        after(80, lambda: signal.raise_signal(signal.SIGINT), patch)
        voice = Listening()
        early = train_run(Settings(pictures=str(drawn)), output=tmp_path, name="early", voice=voice)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    features, counts = early.metrics["features"], early.metrics["pictures"]
    assert not features["complete"]
    assert features["stopped_by"] == "Ctrl-C"
    assert 80 <= features["computed"] < PICTURES
    assert features["computed"] + features["unseen"] == PICTURES
    assert counts["train"] + counts["validation"] + counts["dropped"] == features["computed"]
    assert early.metrics["accuracy"]["value"] > 0.7
    assert "ended by Ctrl-C" in early.report_path.read_text(encoding="utf-8")
    assert any("ended the trunk pass" in line for line in voice.lines)
    assert any(line.startswith("so far: accuracy") for line in voice.lines)

    whole = train_run(Settings(pictures=str(drawn)), output=tmp_path, name="whole")
    assert whole.metrics["features"]["complete"]
    assert whole.metrics["features"]["found"] == features["computed"]
    assert whole.metrics["features"]["unseen"] == 0


def test_a_time_limit_does_the_same(
    drawn: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed: list[bool] = []
    after(80, lambda: passed.append(True), monkeypatch)
    monkeypatch.setattr(stopping.Stop, "reason", property(lambda _: stopping.TIME_LIMIT if passed else ""))
    run = train_run(Settings(pictures=str(drawn)), output=tmp_path, name="run", time_limit=3600)
    assert run.metrics["features"]["stopped_by"] == "the time limit"
    assert run.metrics["features"]["unseen"] > 0


def test_too_early_is_said(drawn: Path, home: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="leave time for at least two training pictures"):
        train_run(Settings(pictures=str(drawn)), output=tmp_path, name="run", time_limit=1e-3)
    assert not (tmp_path / "run").exists()


def test_ctrl_c_before_anything_was_seen_quits(
    drawn: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after(4, lambda: signal.raise_signal(signal.SIGINT), monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        train_run(Settings(pictures=str(drawn)), output=tmp_path, name="run")
    assert not (tmp_path / "run").exists()


def test_a_second_ctrl_c_quits(
    drawn: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def twice() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    after(80, twice, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        train_run(Settings(pictures=str(drawn)), output=tmp_path, name="run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("limit", ["0s", "soon"])
def test_a_limit_that_is_none_gets_a_sentence(
    limit: str, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(drawn), "--output", str(tmp_path), "--time-limit", limit]) == 2
    assert "--time-limit must be" in capsys.readouterr().err


def test_the_accuracy_so_far_is_that_of_a_head_on_what_came() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(300) % 2
    rows = rng.normal(size=(300, 8)).astype(np.float32) + 6 * labels[:, None]
    voice = Listening()
    watch = SoFar(labels, np.arange(100, 300), np.arange(100), 2, voice)
    watch(range(100), rows[:100])
    assert not voice.lines
    watch(range(100, 120), rows[100:120])
    assert voice.lines == [
        "so far: accuracy 1.000, 95 % interval 0.963 to 1.000, on 100 pictures, trained on 20"
    ]
