"""What is found in the store is what would be computed."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from headstart.core.errors import StoreError
from headstart.features.records import Maker, Row
from headstart.features.store import FILE_NAME, Store
from headstart.pictures.records import Recipe

MAKER = Maker("t" * 64, "toy", 3, Recipe(8, 8, "bilinear"), "openvino", "f32")


def _rows(n: int) -> list[Row]:
    rng = np.random.default_rng(0)
    names = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(n)]
    return [Row(name, rng.normal(size=3).astype(np.float32), b"mark") for name in names]


def test_what_was_put_is_found_by_another_connection(tmp_path: Path) -> None:
    rows = _rows(1200)
    with Store(tmp_path) as one, Store(tmp_path) as other:
        one.put(MAKER, rows)
        found = {row.content: row for row in other.get(MAKER, [row.content for row in rows])}
    assert len(found) == 1200
    assert all((found[row.content].vector == row.vector).all() for row in rows)


@pytest.mark.parametrize(
    "other",
    [
        replace(MAKER, trunk="u" * 64),
        replace(MAKER, precision="bf16"),
        replace(MAKER, engine="keras"),
        replace(MAKER, recipe=Recipe(8, 8, "bicubic")),
    ],
)
def test_another_maker_finds_nothing(tmp_path: Path, other: Maker) -> None:
    rows = _rows(2)
    with Store(tmp_path) as store:
        store.put(MAKER, rows)
        assert list(store.get(other, [rows[0].content])) == []


def test_a_damaged_row_is_said_removed_and_not_given(tmp_path: Path) -> None:
    rows, said = _rows(3), []
    with Store(tmp_path) as store:
        store.put(MAKER, rows)
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute("UPDATE features SET vector = ? WHERE id = 2", [b"\0" * 12])
    db.close()
    with Store(tmp_path, said.append) as store:
        assert len(list(store.get(MAKER, [row.content for row in rows]))) == 2
        assert len(said) == 1
        assert not store.has(MAKER, rows[1].content)


def test_a_damaged_file_is_set_aside(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / FILE_NAME).write_bytes(b"this is no database at all" * 100)
    with Store(tmp_path, said.append) as store:
        store.put(MAKER, _rows(1))
        assert store.has(MAKER, _rows(1)[0].content)
    assert "set aside" in said[0]
    assert list(tmp_path.glob("*.damaged-*"))


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="HEADSTART_HOME"):
        Store(tmp_path / "file" / "store")


def test_a_full_disk_is_a_sentence_and_keeps_what_was_there(tmp_path: Path) -> None:
    rows = _rows(20_000)
    with Store(tmp_path) as store:
        store.put(MAKER, rows[:100])
        pages = store.run(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
        # SQLite then says what it says when the disk has no more room.
        store.run(lambda db: db.execute(f"PRAGMA max_page_count = {pages + 8}").fetchone())
        with pytest.raises(StoreError, match=r"has space; received .*full.*; free some space"):
            store.put(MAKER, rows[100:])
        assert len(list(store.get(MAKER, [row.content for row in rows[:200]]))) == 100
    with Store(tmp_path) as store:
        store.put(MAKER, rows[100:200])
        assert len(store.have(MAKER, [row.content for row in rows])) == 200


def test_a_store_that_may_only_be_read_is_a_sentence(tmp_path: Path) -> None:
    with Store(tmp_path) as store:
        store.put(MAKER, _rows(1))
        store.run(lambda db: db.execute("PRAGMA query_only = 1"))
        with pytest.raises(StoreError, match=r"can be written.*readonly.*HEADSTART_HOME"):
            store.put(MAKER, _rows(2))
        assert len(list(store.get(MAKER, [_rows(1)[0].content]))) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="rights do not bind here")
def test_a_folder_without_the_right_to_write_is_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="HEADSTART_HOME"):
            Store(tmp_path)
    finally:
        tmp_path.chmod(0o700)
