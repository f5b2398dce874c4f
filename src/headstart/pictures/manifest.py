"""A manifest: a CSV or Parquet table with the columns path, label and perhaps split and group."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from headstart.core.errors import PicturesError
from headstart.pictures.folder import PART_NAMES
from headstart.pictures.naming import class_list, counted, require_classes
from headstart.pictures.natural import natural_key
from headstart.pictures.records import Part, Pictures

TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
PARQUET_SUFFIXES = frozenset({".parquet", ".pq"})
DELIMITERS = ",;\t|"

_REQUIRED = ("path", "label")
_OPTIONAL = ("split", "group")


@dataclass(frozen=True)
class _Row:
    """A row of the manifest, as text; `place` says where it stands, for messages."""

    place: str
    path: str
    label: str
    split: str
    group: str


def is_manifest(path: Path) -> bool:
    """Whether a file's suffix is that of a manifest."""
    return path.suffix.casefold() in TEXT_SUFFIXES | PARQUET_SUFFIXES


def open_manifest(manifest: Path) -> Pictures:
    """Pictures from a manifest.

    Paths in it are absolute or relative to the manifest's own folder.

    Args:
        manifest: A CSV file (UTF-8 or UTF-16, delimiter comma, semicolon, tab or bar) or a Parquet file.

    Raises:
        PicturesError: A column is missing, a cell is blank, a file is not there, a picture is named
            twice, a part is unknown, or there are fewer than two classes.
    """
    parquet = manifest.suffix.casefold() in PARQUET_SUFFIXES
    columns, rows = _parquet_rows(manifest) if parquet else _text_rows(manifest)
    if not rows:
        raise _wrong(manifest, "at least one row", "no row below its header", "add a row for every picture")
    for row in rows:
        for column in _REQUIRED:
            if not getattr(row, column):
                other = row.label if column == "path" else row.path
                received = f"{row.place} with a blank {column} (beside {other!r})"
                raise _wrong(
                    manifest, f"a {column} in every row", received, "fill the cell or remove the row"
                )
    paths = _files(manifest, rows)
    parts = _parts(manifest, rows) if "split" in columns else None
    names = sorted({row.label for row in rows}, key=natural_key)
    require_classes(names, str(manifest), None)
    index = {name: place for place, name in enumerate(names)}
    labels = np.array([index[row.label] for row in rows], dtype=np.int64)
    if parts is not None:
        trained = {row.label for row, part in zip(rows, parts, strict=True) if part is Part.TRAIN}
        for row, part in zip(rows, parts, strict=True):
            if row.label not in trained:
                received = f"{row.place} with label={row.label!r}, which no row with split=train has"
                todo = "add rows of this class to the train part, or remove those outside it"
                raise _wrong(manifest, f"no class in the {part} part alone", received, todo)
    groups = (
        tuple(row.group for row in rows) if "group" in columns and any(row.group for row in rows) else None
    )
    layout = f"manifest: {class_list(names, labels)}"
    if parts is not None:
        layout += "; " + ", ".join(f"{part} {parts.count(part):,}" for part in Part if part in parts)
    if groups is not None:
        layout += f"; {counted(len(set(groups) - {''}), 'group')}"
    return Pictures(manifest, paths, labels, tuple(names), parts, groups, layout)


def _wrong(manifest: Path, allowed: str, received: str, todo: str) -> PicturesError:
    return PicturesError(f"A manifest must have {allowed}", f"{str(manifest)!r}: {received}", todo)


def _text_rows(manifest: Path) -> tuple[set[str], list[_Row]]:
    data = manifest.read_bytes()
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        received = f"byte {error.object[error.start]:#04x} at {error.start}"
        raise _wrong(manifest, "UTF-8 text", received, "save it as 'CSV UTF-8'") from error
    delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip().casefold() for name in next(reader, [])]
        columns = _columns(manifest, header)
        rows = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            rows.append(_row(f"line {reader.line_num}", values))
    except csv.Error as error:
        raise _wrong(
            manifest, "well-formed CSV", f"line {reader.line_num}: {error}", "write it again as CSV"
        ) from error
    return columns, rows


def _delimiter(text: str) -> str:
    """The delimiter that makes the header hold the wanted columns; a comma where none does."""
    header = next((line for line in text.splitlines() if line.strip()), "").casefold()
    scores = {
        sign: len({cell.strip().strip('"') for cell in header.split(sign)} & set(_REQUIRED))
        for sign in DELIMITERS
    }
    return max(DELIMITERS, key=lambda sign: (scores[sign], header.count(sign)))


def _parquet_rows(manifest: Path) -> tuple[set[str], list[_Row]]:
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise PicturesError(
            "A Parquet manifest needs the package pyarrow",
            f"manifest={str(manifest)!r} where it is not installed",
            "run pip install 'headstart[parquet]', or save the manifest as CSV",
        ) from error
    try:
        table = pyarrow.parquet.read_table(manifest)
    except (OSError, pyarrow.ArrowException) as error:
        raise _wrong(manifest, "Parquet's form", str(error).splitlines()[0], "write it again") from error
    header = [str(name).strip().casefold() for name in table.column_names]
    columns = _columns(manifest, header)
    wanted = {name: table.column(header.index(name)).to_pylist() for name in columns}
    rows = [
        _row(f"row {number + 1}", {name: _text(values[number]) for name, values in wanted.items()})
        for number in range(table.num_rows)
    ]
    return columns, rows


def _text(value: object) -> str:
    """A cell as text. A whole number in a column of floats loses its '.0': it once met a blank cell."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _columns(manifest: Path, header: list[str]) -> set[str]:
    for column in _REQUIRED:
        if column not in header:
            received = f"the columns {', '.join(map(repr, header)) or 'none'}"
            todo = f"add the column {column!r} or rename the one that holds it"
            raise _wrong(
                manifest, "the columns path and label (and may have split and group)", received, todo
            )
    return {name for name in (*_REQUIRED, *_OPTIONAL) if name in header}


def _row(place: str, values: Mapping[str, str]) -> _Row:
    label = unicodedata.normalize("NFC", values.get("label", ""))
    return _Row(place, values.get("path", ""), label, values.get("split", ""), values.get("group", ""))


def _files(manifest: Path, rows: list[_Row]) -> tuple[Path, ...]:
    paths = tuple(_locate(manifest.parent, row.path) for row in rows)
    missing = [(row, path) for row, path in zip(rows, paths, strict=True) if not path.is_file()]
    if missing:
        row, path = missing[0]
        more = f" (and {counted(len(missing) - 1, 'more such row')})" if len(missing) > 1 else ""
        what = "which is a folder" if path.is_dir() else "which does not exist"
        received = f"{row.place} with path={row.path!r}, {what}{more}"
        todo = f"correct the path (relative ones start at {str(manifest.parent)!r}) or remove the row"
        raise _wrong(manifest, "paths of picture files", received, todo)
    first: dict[Path, _Row] = {}
    for row, path in zip(rows, paths, strict=True):
        earlier = first.setdefault(path, row)
        if earlier is not row:
            both = f"labels {earlier.label!r}, {row.label!r}"
            received = f"{earlier.place} and {row.place} with path={row.path!r} ({both})"
            raise _wrong(manifest, "each picture once", received, "keep one of the rows")
    return paths


def _locate(folder: Path, written: str) -> Path:
    path = folder / written
    if "\\" in written and not path.is_file():
        # Written on Windows, read elsewhere.
        return folder / written.replace("\\", "/")
    return path


def _parts(manifest: Path, rows: list[_Row]) -> tuple[Part, ...] | None:
    """Each row's part; None where the column is blank throughout."""
    if not any(row.split for row in rows):
        return None
    return tuple(_read_parts(manifest, rows))


def _read_parts(manifest: Path, rows: list[_Row]) -> Iterator[Part]:
    for row in rows:
        part = PART_NAMES.get(row.split.casefold())
        if part is None:
            received = f"{row.place} with split={row.split!r}"
            raise _wrong(
                manifest,
                "train, validation or test as split",
                received,
                "correct the cell, or blank the column",
            )
        yield part
