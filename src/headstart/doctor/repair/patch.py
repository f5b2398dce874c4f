"""Edits on files: what would change, as a unified diff, and the change itself."""

from __future__ import annotations

import difflib
import json
import tokenize
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from headstart.core.atomic import new_file
from headstart.doctor.records import Finding, Operation
from headstart.doctor.repair.site import EditError, edited


@dataclass(frozen=True)
class Patch:
    """What a set of findings' edits makes of one file.

    Attributes:
        file: The path.
        cell: The code cell of a notebook, or None.
        before, after: Its text.
        made: The rules whose edits are in.
        refused: Rules whose edits did not fit, with the reason.
    """

    file: str
    cell: int | None
    before: str
    after: str
    made: tuple[str, ...]
    refused: tuple[tuple[str, str], ...] = ()

    @property
    def diff(self) -> str:
        """The unified diff."""
        name = self.file if self.cell is None else f"{self.file}#cell{self.cell}"
        return "".join(
            difflib.unified_diff(
                self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), name, name
            )
        )


def patches(findings: Iterable[Finding], safe_only: bool = False) -> list[Patch]:
    """The changes that the findings' edits make, a patch a file; edits that do not fit are left out.

    Args:
        findings: Findings, the folded ones listed too.
        safe_only: Whether to leave out edits that want a look first.
    """
    wanted = [f for f in findings if f.edit is not None and (f.edit.safe or not safe_only)]
    files = {(o.place.file, o.place.cell) for f in wanted for o in (f.edit.operations if f.edit else ())}
    found = []
    for file, cell in sorted(files, key=str):
        before = text_of(file, cell)
        if before is None:
            continue
        done: list[Operation] = []
        made: list[str] = []
        refused: list[tuple[str, str]] = []
        after = before
        for finding in wanted:
            own = [
                o
                for o in (finding.edit.operations if finding.edit else ())
                if (o.place.file, o.place.cell) == (file, cell)
            ]
            new = [o for o in own if o not in done]
            if not own:
                continue
            try:
                after = edited(before, [*done, *new])
            except EditError as reason:
                refused.append((finding.rule, str(reason)))
                continue
            done.extend(new)
            made.append(finding.rule)
        if after != before or refused:
            found.append(Patch(file, cell, before, after, tuple(made), tuple(refused)))
    return found


def write(patch: Patch) -> None:
    """Puts a patch's text into its file, whole or not at all.

    Raises:
        EditError: If the file has changed since.
    """
    if text_of(patch.file, patch.cell) != patch.before:
        raise EditError(f"{patch.file} has changed since it was read")
    path = Path(patch.file)
    if patch.cell is None:
        with path.open("rb") as file:
            encoding, _ = tokenize.detect_encoding(file.readline)
        data = patch.after.encode(encoding)
    else:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
        cells[patch.cell - 1]["source"] = patch.after.splitlines(keepends=True)
        data = (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode()
    with new_file(path) as part:
        part.write_bytes(data)
        part.chmod(path.stat().st_mode)


def text_of(file: str, cell: int | None) -> str | None:
    """The text of a file, or of a code cell of a notebook; None where it cannot be read."""
    path = Path(file)
    try:
        if cell is None:
            with path.open("rb") as raw:
                encoding, _ = tokenize.detect_encoding(raw.readline)
            # Not in text mode: line ends stay as they are.
            return path.read_bytes().decode(encoding)
        cells = [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == "code"]
        return "".join(cells[cell - 1]["source"])
    except (OSError, ValueError, LookupError, SyntaxError, IndexError, KeyError):
        return None
