"""What the store holds and how to make it smaller: by age, by size, or all of it.

A limit is remembered in the store itself, and kept after each run that wrote to it: rows of the trunk that
was used longest ago go first, of one trunk the rows that were written first.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from headstart.features.store import FILE_NAME, Store

OVERHEAD = 60
"""Bytes of a row beside its vector, fingerprint and content: ids, checksum, its place in the index."""

LIMIT = "size-limit"
"""The note under which the limit is remembered."""

_ROW = f"length(vector) + length(fingerprint) + 2 * length(content) + {OVERHEAD}"


@dataclass(frozen=True)
class Kept:
    """What one trunk left in the store.

    Attributes:
        trunk: Key of what computed the features: trunk, recipe, engine and precision.
        backbone: Its name, for people.
        engine: What ran it.
        precision: In which precision.
        pictures: Rows.
        bytes: What they take, about.
        last_used: Seconds since the epoch.
    """

    trunk: str
    backbone: str
    engine: str
    precision: str
    pictures: int
    bytes: int
    last_used: float


@contextlib.contextmanager
def open_store(on_damage: Callable[[str], None] | None = None) -> Iterator[Store]:
    """The user's store; once the work that wrote to it is done, it is brought back to its limit."""
    with Store(on_damage=on_damage) as store:
        yield store
        if store.written:
            enforce_limit(store)


def kept(store: Store) -> list[Kept]:
    """What is stored, a line for each trunk, the one used last first."""
    rows = store.run(
        lambda db: db.execute(
            f"SELECT key, about, last_used, COUNT(f.id), COALESCE(SUM({_ROW}), 0) FROM makers m"
            " LEFT JOIN features f ON f.maker = m.id GROUP BY m.id ORDER BY last_used DESC"
        ).fetchall()
    )
    found = []
    for key, about, last_used, pictures, size in rows:
        names = json.loads(about)
        found.append(
            Kept(key, names["backbone"], names["engine"], names["precision"], pictures, size, last_used)
        )
    return found


def prune(store: Store, older_than: float) -> int:
    """Removes what trunks left that were not used for so many seconds; gives the rows removed."""
    before = time.time() - older_than

    def work(db: sqlite3.Connection) -> int:
        with db:
            gone = db.execute(
                "DELETE FROM features WHERE maker IN (SELECT id FROM makers WHERE last_used < ?)", [before]
            ).rowcount
            db.execute("DELETE FROM makers WHERE last_used < ?", [before])
        _shrink(db)
        return gone

    return store.run(work)


def clear(store: Store) -> int:
    """Removes every feature, and what was kept beside them; gives the rows removed. A limit stays."""

    def work(db: sqlite3.Connection) -> int:
        with db:
            gone = db.execute("DELETE FROM features").rowcount
            db.execute("DELETE FROM makers")
            db.execute("DELETE FROM notes WHERE key != ?", [LIMIT])
        _shrink(db)
        return gone

    gone = store.run(work)
    for pattern in ("outcomes/*.json", "graphs/int8-*", f"{FILE_NAME}.damaged-*"):
        for file in store.folder.glob(pattern):
            with contextlib.suppress(OSError):
                file.unlink()
    return gone


def on_disk(store: Store) -> int:
    """Bytes of the store's files."""
    return sum(file.stat().st_size for file in store.folder.glob(f"{FILE_NAME}*") if file.is_file())


def limit_of(store: Store) -> int | None:
    """The limit in bytes that the store keeps to, or None."""
    note = store.note(LIMIT)
    value = note.get("bytes") if note else None
    return value if isinstance(value, int) else None


def set_limit(store: Store, size: int | None) -> int:
    """Remembers a limit (None for none), and keeps to it at once; gives the rows removed."""
    store.remember(LIMIT, {"bytes": size})
    return enforce_limit(store)


def enforce_limit(store: Store) -> int:
    """Removes rows, of the trunk used longest ago first, until the limit is kept; gives how many."""
    limit = limit_of(store)
    if limit is None:
        return 0
    over = sum(one.bytes for one in kept(store)) - limit
    gone = 0
    for one in reversed(kept(store)):
        if over <= 0:
            break
        some, freed = store.run(lambda db, key=one.trunk, over=over: _remove_oldest(db, key, over))  # type: ignore[misc]
        gone, over = gone + some, over - freed
    if gone:
        store.run(_shrink)
    return gone


def _remove_oldest(db: sqlite3.Connection, key: str, size: int) -> tuple[int, int]:
    """Removes a trunk's oldest rows until at least so many bytes are free; gives rows and bytes."""
    query = (
        f"SELECT f.id, {_ROW} FROM features f JOIN makers m ON f.maker = m.id WHERE m.key = ? ORDER BY f.id"
    )
    ids: list[tuple[int]] = []
    freed = 0
    for row_id, row_size in db.execute(query, [key]):
        if freed >= size:
            break
        ids.append((row_id,))
        freed += row_size
    with db:
        db.executemany("DELETE FROM features WHERE id = ?", ids)
    return len(ids), freed


def _shrink(db: sqlite3.Connection) -> None:
    """Gives the room back to the disk."""
    (mode,) = db.execute("PRAGMA auto_vacuum").fetchone()
    if mode == 2:
        # A page a step: execute() would take one step only.
        db.executescript("PRAGMA incremental_vacuum")
    else:
        # A store from before the file could shrink in place: written anew, once.
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("VACUUM")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
