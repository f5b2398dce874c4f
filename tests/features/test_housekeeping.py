"""The store can be listed and made smaller, and keeps to a limit."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from headstart.cli import main
from headstart.features import housekeeping
from headstart.features.records import Maker, Row
from headstart.features.store import Store
from headstart.pictures.records import Recipe

WIDTH = 256


def maker(name: str) -> Maker:
    return Maker(f"trunk of {name}", name, WIDTH, Recipe(224, 224, "bicubic"), "openvino", "f32")


def fill(store: Store, name: str, rows: int) -> list[str]:
    rng = np.random.default_rng(len(name))
    contents = [rng.bytes(32).hex() for _ in range(rows)]
    store.put(maker(name), [Row(c, rng.normal(size=WIDTH).astype(np.float32), b"f" * 16) for c in contents])
    return contents


def age(store: Store, name: str, seconds: float) -> None:
    def work(db: object) -> None:
        db.execute("UPDATE makers SET last_used = ? WHERE key = ?", [time.time() - seconds, maker(name).key])  # type: ignore[attr-defined]
        db.commit()  # type: ignore[attr-defined]

    store.run(work)


def test_what_is_stored_is_listed_by_last_use(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        fill(store, "old", 5)
        fill(store, "new", 7)
        age(store, "old", 1000)
        found = housekeeping.kept(store)
    assert [(one.backbone, one.pictures) for one in found] == [("new", 7), ("old", 5)]
    assert found[0].bytes > 7 * WIDTH * 4


def test_prune_takes_only_what_was_not_used(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        fill(store, "old", 5)
        contents = fill(store, "new", 7)
        age(store, "old", 1000)
        assert housekeeping.prune(store, 500) == 5
        assert len(store.have(maker("new"), contents)) == 7
        assert [one.backbone for one in housekeeping.kept(store)] == ["new"]
    with Store(tmp_path) as store:
        assert len(fill(store, "old", 5)) == 5  # A trunk that was pruned can come back.
        assert len(housekeeping.kept(store)) == 2


def test_the_file_shrinks(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        fill(store, "one", 3000)
        before = housekeeping.on_disk(store)
        assert housekeeping.clear(store) == 3000
        assert housekeeping.on_disk(store) < before / 10


def test_a_limit_takes_the_oldest_of_the_trunk_used_longest_ago(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        old, new = fill(store, "old", 100), fill(store, "new", 100)
        age(store, "old", 1000)
        size = housekeeping.kept(store)[0].bytes
        gone = housekeeping.set_limit(store, int(1.5 * size))
        assert gone in (50, 51)
        assert store.have(maker("old"), old) == set(old[gone:])
        assert store.have(maker("new"), new) == set(new)
        assert sum(one.bytes for one in housekeeping.kept(store)) <= int(1.5 * size)


def test_a_limit_is_kept_after_whatever_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_HOME", str(tmp_path))
    with Store() as store:
        housekeeping.set_limit(store, 50_000)
    with housekeeping.open_store() as store:
        fill(store, "one", 200)
    with Store() as store:
        assert sum(one.bytes for one in housekeeping.kept(store)) <= 50_000
        assert housekeeping.kept(store)[0].pictures > 0
        housekeeping.set_limit(store, None)
    with housekeeping.open_store() as store:
        fill(store, "other", 200)
    with Store() as store:
        assert housekeeping.kept(store)[0].pictures == 200


def test_the_command_shows_prunes_limits_and_clears(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEADSTART_HOME", str(tmp_path))
    with Store() as store:
        fill(store, "vgg19", 1234)
        age(store, "vgg19", 86400 * 40)
    assert main(["cache"]) == 0
    shown = capsys.readouterr().out
    assert "vgg19" in shown
    assert "1,234" in shown
    assert "no limit" in shown
    assert main(["cache", "limit", "100kB"]) == 0
    assert main(["cache"]) == 0
    assert "limit 100 kB" in capsys.readouterr().out
    assert main(["cache", "prune", "--older-than", "30d"]) == 0
    assert "features removed" in capsys.readouterr().out
    assert main(["cache", "clear"]) == 0
    assert capsys.readouterr().out.startswith("0 features removed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["prune"], "--older-than 30d"),
        (["clear", "--older-than", "3d"], "--older-than goes with prune"),
        (["prune", "--older-than", "soon"], "'soon'"),
        (["limit"], "limit 5GB"),
        (["limit", "much"], "'much'"),
        (["wipe"], "--help"),
    ],
)
def test_mistakes_get_a_sentence(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("HEADSTART_HOME", str(tmp_path))
    assert main(["cache", *arguments]) == 2
    assert said in capsys.readouterr().err
