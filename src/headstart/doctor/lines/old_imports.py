"""Import statements of old Keras paths: which there are, and what they are called now."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.doctor.capture import oldnames
from headstart.doctor.capture.source import Unit
from headstart.doctor.records import Edit, Place
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of

if TYPE_CHECKING:
    from headstart.doctor.case import Case


@dataclass(frozen=True)
class OldImport:
    """An import statement of the script with old names in it.

    Attributes:
        place: The statement.
        node: Its node.
        old: The old names, in full.
        edit: The statement anew, or None where a name has no successor.
    """

    place: Place
    node: ast.Import | ast.ImportFrom
    old: tuple[str, ...]
    edit: Edit | None


def old_imports(case: Case) -> Iterator[OldImport]:
    """The import statements that met a name which Keras 3 does not have.

    A module is asked for once only, so that the trace has the first statement that imports it; others that
    name the same module are found by their text.
    """
    noted = {event.name for event in case.trace.of_kind("old-name")}
    if not noted:
        return
    for unit in case.units:
        tree = unit.tree()
        if tree is None:
            continue
        guarded = [
            (node.body[0].lineno, node.body[-1].end_lineno or 0)
            for node in ast.walk(tree)
            if isinstance(node, ast.Try)
        ]
        for node in ast.walk(tree):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            if any(first <= node.lineno <= last for first, last in guarded):
                continue
            old = tuple(name for name in _names(node) if name in noted)
            if old:
                yield OldImport(place_of(case, unit, node), node, old, _edit(case, unit, node))


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    module = node.module or ""
    return [module, *(f"{module}.{alias.name}" for alias in node.names)]


def _edit(case: Case, unit: Unit, node: ast.Import | ast.ImportFrom) -> Edit | None:
    if isinstance(node, ast.Import) or node.module is None:
        return None
    lines: dict[str, list[str]] = {}
    for alias in node.names:
        # The function of Keras 1 by that name is gone; a module of Keras 2 had the same name.
        gone = alias.name == "merge" and node.module.endswith("layers")
        found = None if gone else successor(node.module, alias.name)
        if found is None:
            return None
        module, name = found
        bound = alias.asname or alias.name
        lines.setdefault(module, []).append(name if name == bound else f"{name} as {bound}")
    code = "\n".join(f"from {module} import {', '.join(names)}" for module, names in lines.items())
    place = place_of(case, unit, node)
    return Edit("Import from where it lives now", (edits.replace_statement(place, code),), safe=True)


def successor(module: str, name: str) -> tuple[str, str] | None:
    """Where `from module import name` finds the same thing now, as a module and a name."""
    if _there(module, name):
        return module, name
    tail = oldnames.tail_of(module + ".")
    root = module[: len(module) - len(tail.rstrip("."))].rstrip(".") if tail else module
    path = (tail or "").rstrip(".")
    inner = f"{path}.{name}" if path else name
    if inner in oldnames.PATHS:
        # A module under its old name: the public one goes by that name.
        home = oldnames.PATHS[inner][0]
        if home.startswith("_") or not home:
            return (f"tensorflow.keras.{path}".rstrip("."), name) if "tensorflow" in sys.modules else None
        above, _, last = home.rpartition(".")
        return (f"{root}.{above}".rstrip("."), last)
    for home in oldnames.PATHS.get(path, (path,)):
        for spelled in (name, oldnames.RENAMED.get(name, name)):
            if home.startswith("_"):
                full = f"tensorflow.keras.{path}"
                if "tensorflow" in sys.modules and _there(full, spelled):
                    return full, spelled
                continue
            full = f"{root}.{home}".rstrip(".")
            if _there(full, spelled):
                return full, spelled
    return None


def _there(module: str, name: str) -> bool:
    """Whether a name is in a module of Keras 3 itself, and not served by us."""
    loaded = sys.modules.get(module)
    if loaded is None and module.split(".")[0] in ("keras", "tensorflow"):
        try:
            loaded = importlib.import_module(module)
        except ImportError:
            return False
    if loaded is None or type(loaded).__name__ == "_Old":
        return False
    found = vars(loaded).get(name)
    return found is not None and type(found).__name__ != "_Old"
