"""Reads a script or a notebook into code that Python can run, with line numbers that stay the user's."""

from __future__ import annotations

import ast
import json
import linecache
import tokenize
from dataclasses import dataclass
from pathlib import Path
from types import CodeType

from headstart.core.errors import SettingsError


@dataclass(frozen=True)
class Unit:
    """A piece that is compiled by itself: the whole script, or one code cell of a notebook.

    Attributes:
        filename: The name that its code objects carry.
        text: The Python text as run; lines of a notebook that are no Python are blanked, never removed.
        cell: The number of the code cell, counted from 1, or None for a script.
    """

    filename: str
    text: str
    cell: int | None = None

    def code(self) -> CodeType:
        """The compiled unit.

        Raises:
            SyntaxError: If the user's text is no Python.
        """
        # The module's own `from __future__` lines must not leak into the user's code.
        return compile(self.text, self.filename, "exec", dont_inherit=True)

    def tree(self) -> ast.Module | None:
        """The syntax tree, or None where the text is no Python."""
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError):
            return None


def read(script: str) -> tuple[Unit, ...]:
    """The units of a script in order.

    Raises:
        SettingsError: If the file is not there, or is neither Python nor a notebook.
    """
    path = Path(script)
    if not path.is_file():
        raise SettingsError(
            "The script must be a Python file or a notebook",
            f"{script!r}, which is not a file",
            "check the path",
        )
    if path.suffix == ".ipynb":
        return _notebook(script, path)
    try:
        with tokenize.open(path) as file:
            text = file.read()
    except (SyntaxError, UnicodeDecodeError) as error:
        raise SettingsError(
            "The script must be text in UTF-8 or in the encoding that it declares",
            f"{script!r} ({error})",
            "save it as UTF-8",
        ) from None
    return (Unit(str(path.resolve()), text),)


def _notebook(script: str, path: Path) -> tuple[Unit, ...]:
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            "A notebook must be JSON with a list of cells (format 4)",
            f"{script!r} ({type(error).__name__}: {error})",
            "open and save it in Jupyter, or export it as a script",
        ) from None
    units = []
    for number, text in enumerate(texts, 1):
        name = f"{path.resolve()}#cell{number}"
        plain = without_magics(text)
        # Tracebacks and columns need the text of a file that does not exist.
        linecache.cache[name] = (len(plain), None, plain.splitlines(keepends=True), name)
        units.append(Unit(name, plain, number))
    return tuple(units)


def without_magics(text: str) -> str:
    """A cell's Python: lines for IPython or the shell become blank, `name = !command` becomes None."""
    lines = text.splitlines()
    first = next((line.strip() for line in lines if line.strip()), "")
    if first.startswith("%%"):
        timing = first.split()[0] in ("%%time", "%%timeit", "%%capture")
        lines = [("" if line.strip() == first else line) if timing else "" for line in lines]
    kept = []
    for line in lines:
        bare = line.lstrip()
        if bare.startswith(("%", "!", "?")) or bare.rstrip().endswith("?"):
            # `pass` keeps the block that the line may have stood in.
            line = line[: len(line) - len(bare)] + ("pass" if line != bare else "")
        kept.append(line)
    return "\n".join(kept) + "\n"
