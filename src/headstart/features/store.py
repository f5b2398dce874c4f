"""The feature store: one SQLite file, one row a picture and maker, each row with a checksum.

What is found is what would be computed: a row whose checksum does not fit is removed and made again,
and a file that SQLite calls damaged is set aside under another name and begun anew. Nothing that is
damaged is ever used. Several processes may use one store at once: SQLite's write-ahead log lets them
read while one writes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from headstart.core.errors import StoreError
from headstart.core.places import cache_folder
from headstart.features import packing
from headstart.features.records import Maker, Row

FILE_NAME = "features.sqlite3"
FORMAT = 1
LOOKUP = 500
"""Contents asked for in one statement; SQLite's limit on parameters was 999 for long."""

T = TypeVar("T")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS makers (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, about TEXT NOT NULL, last_used REAL NOT NULL);
CREATE TABLE IF NOT EXISTS features (
    id INTEGER PRIMARY KEY, maker INTEGER NOT NULL, content BLOB NOT NULL,
    vector BLOB NOT NULL, fingerprint BLOB NOT NULL, checksum INTEGER NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS by_content ON features (maker, content);
CREATE TABLE IF NOT EXISTS notes (key TEXT PRIMARY KEY, text TEXT NOT NULL, checksum INTEGER NOT NULL);
"""
# Rows are appended by their id and found by an index: a table clustered by content would rewrite
# random pages of several kilobytes for each of a million pictures.


class Store:
    """Features on disk, found again by the picture's content and what computed them.

    Args:
        folder: The folder of the store; made where it is missing.
        on_damage: Told in a sentence whenever something damaged was found.

    Attributes:
        written: Rows that were put so far.

    Raises:
        StoreError: If the folder cannot be written, or the disk is full.
    """

    def __init__(self, folder: Path | None = None, on_damage: Callable[[str], None] | None = None) -> None:
        self.folder = folder or cache_folder()
        self.path = self.folder / FILE_NAME
        self._on_damage = on_damage or (lambda _: None)
        self._lock = threading.RLock()
        self._makers: dict[str, int] = {}
        self.written = 0
        with _as_store_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._connection = self._open()

    def close(self) -> None:
        """Closes the file; what was put is on disk."""
        with self._lock:
            self._connection.close()

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs some work on the store's connection, alone, and with the disk's complaints in our words."""
        return self._run(work)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, maker: Maker, contents: Sequence[str]) -> Iterator[Row]:
        """Gives the rows that are there and whole, in no order; damaged ones are removed.

        Args:
            maker: What must have computed them.
            contents: SHA-256 of the pictures' files; each is looked for once.
        """
        wanted = list(dict.fromkeys(contents))
        for start in range(0, len(wanted), LOOKUP):
            yield from self._get_some(maker, wanted[start : start + LOOKUP])

    def have(self, maker: Maker, contents: Sequence[str]) -> set[str]:
        """Which of the contents have a row; its checksum is not looked at."""
        found: set[str] = set()
        for start in range(0, len(contents), LOOKUP):
            some = [bytes.fromhex(content) for content in contents[start : start + LOOKUP]]
            marks = ",".join("?" * len(some))
            query = f"SELECT content FROM features WHERE maker = ? AND content IN ({marks})"
            found.update(content.hex() for (content,) in self._select(query, maker, some))
        return found

    def has(self, maker: Maker, content: str) -> bool:
        """Whether a content has a row; its checksum is not looked at."""
        return bool(self.have(maker, [content]))

    def put(self, maker: Maker, rows: Iterable[Row]) -> None:
        """Keeps rows, all or none of them; a row that another process put first is left as it is."""
        values = [self._as_stored(maker, row) for row in rows]

        def write(db: sqlite3.Connection) -> None:
            own = self._id(maker)
            self.written += len(values)
            with db:
                db.executemany(
                    "INSERT OR IGNORE INTO features (maker, content, vector, fingerprint, checksum)"
                    " VALUES (?, ?, ?, ?, ?)",
                    [(own, *value) for value in values],
                )

        if values:
            self._run(write)

    def note(self, key: str) -> dict[str, object] | None:
        """What was remembered under a key, or None where nothing (whole) is there."""
        found = self._run(
            lambda db: db.execute("SELECT text, checksum FROM notes WHERE key = ?", [key]).fetchone()
        )
        if found is None or zlib.crc32(f"{key}{found[0]}".encode()) != found[1]:
            return None
        return dict(json.loads(found[0]))

    def remember(self, key: str, value: dict[str, object]) -> None:
        """Remembers a small value under a key, such as the precision that was chosen."""
        text = json.dumps(value, sort_keys=True)

        def write(db: sqlite3.Connection) -> None:
            with db:
                db.execute(
                    "INSERT OR REPLACE INTO notes VALUES (?, ?, ?)",
                    [key, text, zlib.crc32(f"{key}{text}".encode())],
                )

        self._run(write)

    def _get_some(self, maker: Maker, contents: Sequence[str]) -> list[Row]:
        some = [bytes.fromhex(content) for content in contents]
        query = (
            "SELECT id, content, vector, fingerprint, checksum FROM features"
            f" WHERE maker = ? AND content IN ({','.join('?' * len(some))})"
        )
        stored = self._select(query, maker, some)
        whole, damaged = [], []
        for row_id, content, vector, fingerprint, checksum in stored:
            whole_row = checksum == _checksum(maker, content, vector, fingerprint)
            array = packing.unpack(vector, maker.width, maker.dtype) if whole_row else None
            if array is not None:
                whole.append(Row(content.hex(), array, fingerprint))
            else:
                damaged.append((row_id,))
        if damaged:
            self._remove(damaged)
            self._on_damage(
                f"{len(damaged)} damaged rows of the feature store were removed and will be computed again"
            )
        return whole

    def _select(self, query: str, maker: Maker, contents: list[bytes]) -> list[Any]:
        return self._run(lambda db: db.execute(query, [self._id(maker), *contents]).fetchall())

    def _remove(self, ids: list[tuple[int]]) -> None:
        def write(db: sqlite3.Connection) -> None:
            with db:
                db.executemany("DELETE FROM features WHERE id = ?", ids)

        self._run(write)

    def _as_stored(self, maker: Maker, row: Row) -> tuple[bytes, bytes, bytes, int]:
        if row.vector.shape != (maker.width,):
            raise ValueError(
                f"a feature must have shape ({maker.width},). Received: vector.shape={row.vector.shape}"
            )
        content, data = bytes.fromhex(row.content), packing.pack(row.vector, maker.dtype)
        return content, data, row.fingerprint, _checksum(maker, content, data, row.fingerprint)

    def _id(self, maker: Maker) -> int:
        key = maker.key
        if key not in self._makers:
            about = json.dumps(
                {"backbone": maker.backbone, "engine": maker.engine, "precision": maker.precision}
            )
            with self._connection as db:
                db.execute(
                    "INSERT INTO makers (key, about, last_used) VALUES (?, ?, ?)"
                    " ON CONFLICT (key) DO UPDATE SET last_used = excluded.last_used",
                    [key, about, time.time()],
                )
                (found,) = db.execute("SELECT id FROM makers WHERE key = ?", [key]).fetchone()
            self._makers[key] = int(found)
        return self._makers[key]

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs work on the connection; a damaged file is set aside, and the work runs on a new one."""
        with self._lock, _as_store_errors(self.folder):
            try:
                return work(self._connection)
            except sqlite3.DatabaseError as error:
                if not _means_damage(error):
                    raise
                self._connection.close()
                self._set_aside(error)
                self._connection = self._open()
                return work(self._connection)

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except sqlite3.DatabaseError as error:
            if not _means_damage(error):
                raise
            self._set_aside(error)
            return self._connect()

    def _connect(self) -> sqlite3.Connection:
        # One connection for all threads, guarded by our lock; another process's write is waited for.
        connection = sqlite3.connect(self.path, timeout=60, check_same_thread=False)
        try:
            # Before the first table, so that the file shrinks when rows are removed.
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            connection.execute("PRAGMA journal_mode = WAL")
            # A power cut may lose the last rows, never the file: they are then computed again.
            connection.execute("PRAGMA synchronous = NORMAL")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version not in (0, FORMAT):
                raise StoreError(
                    f"The feature store must have format {FORMAT}",
                    f"format {version} in {self.path}",
                    "set HEADSTART_HOME to another folder, or use the newer headstart that made it",
                )
            connection.executescript(_SCHEMA)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        self._makers.clear()
        aside = self.path.with_name(f"{FILE_NAME}.damaged-{time.time_ns()}")
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{suffix}").rename(f"{aside}{suffix}")
        self._on_damage(
            f"the feature store was damaged ({error}); it was set aside as {aside.name} and begun anew"
        )


def _checksum(maker: Maker, content: bytes, vector: bytes, fingerprint: bytes) -> int:
    """63 bits over the row and its key, so that a row that strayed to another key is noticed as well."""
    digest = hashlib.blake2b(digest_size=8)
    for piece in (maker.key.encode(), content, vector, fingerprint):
        digest.update(piece)
    return int.from_bytes(digest.digest(), "little") >> 1


def _means_damage(error: sqlite3.DatabaseError) -> bool:
    """Whether the file's content is bad, as against a full disk, a lock or missing rights."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextlib.contextmanager
def _as_store_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            "The feature store must be in a folder that can be written and has space",
            f"{folder} ({error})",
            "free some space, or set HEADSTART_HOME to another folder",
        ) from error
