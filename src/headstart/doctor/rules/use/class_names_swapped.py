"""Answers are named by a list in another order than the classes were numbered.

What it is
    A folder loader numbers its classes by the sorted names of the folders, and a label encoder by sorted
    labels. A list of names written by hand may have another order.

Why it hurts
    Every answer gets the wrong name, and nothing in training or evaluation shows it.

Wrong
    names = ["dog", "cat"]; print(names[model.predict(x).argmax()])

Right
    names = train.class_names

How it was measured
    The list holds the very names of the live loader, or encoder, in another order, and a line after the fit
    picks from it by a prediction of the live model.

When it is wrong
    A list in the same order is right, and so is one that was given to the loader as `class_names`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of
from headstart.doctor.rest.values import Use, Val
from headstart.doctor.views.loaders import loader_of

NAME = "class-names-swapped"
GROUP = "use"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """Compares lists that predictions pick from with the order of the live classes."""
    orders = _orders(case)
    if not orders:
        return
    for use in case.probes.rest.uses:
        names: Val | None = None
        if use.kind == "subscript" and use.base is not None and _from_model(case, use.args[0]):
            names = use.base
        elif use.kind == "call" and use.name == "classification_report":
            names = use.keywords.get("target_names")
        listed = _listed(names)
        if listed is not None and names is not None:
            for order, told in orders:
                if _swapped(listed, order):
                    yield _finding(case, use, listed, order, told)
                    break
        elif use.kind == "branch":
            yield from _branch(case, use, orders)


def _orders(case: Case) -> list[tuple[list[str], str]]:
    """The orders in which classes are numbered in this run, with where each is from."""
    found: list[tuple[list[str], str]] = []
    loader = loader_of(case)
    if loader is not None and len(loader.names) > 1:
        given = loader.event.arguments.get("class_names") or loader.event.arguments.get("classes")
        if not given:
            found.append((list(loader.names), "the loader's classes"))
    if found:
        return found
    encoders = [
        value
        for value in case.trace.facts.get("main", {}).values()
        if type(value).__name__ in ("LabelEncoder", "LabelBinarizer") and hasattr(value, "classes_")
    ]
    for encoder in encoders:
        names = [str(name) for name in encoder.classes_]
        if len(names) > 1 and all(not name.lstrip("-").isdigit() for name in names):
            found.append((names, f"classes_ of the {type(encoder).__name__}"))
    return found


def _from_model(case: Case, value: Val) -> bool:
    return any(tag.thing is case.model for tag in value.of_kind("prediction"))


def _listed(names: Val | None) -> list[str] | None:
    """Names by number, out of a live or written list, or a dict from numbers."""
    if names is None or not names.known:
        return None
    live: Any = names.live
    if isinstance(live, dict):
        if set(live) != set(range(len(live))):
            return None
        live = [live[i] for i in range(len(live))]
    if isinstance(live, list | tuple) and len(live) > 1 and all(isinstance(name, str) for name in live):
        return list(live)
    return None


def _plain(name: str) -> str:
    return name.casefold().strip().replace("_", " ").replace("-", " ").rstrip("s")


def _swapped(listed: Sequence[str], order: Sequence[str]) -> bool:
    mine, theirs = [_plain(n) for n in listed], [_plain(n) for n in order]
    return len(set(theirs)) == len(theirs) and sorted(mine) == sorted(theirs) and mine != theirs


def _finding(case: Case, use: Use, listed: list[str], order: list[str], told: str) -> Finding:
    place, edit = _line(case, use, listed, order)
    wrong = sum(_plain(a) != _plain(b) for a, b in zip(listed, order, strict=True))
    return Finding(
        NAME,
        "error",
        place,
        "these names stand in another order than the classes are numbered, so answers get the wrong names",
        {
            "names here": ", ".join(listed[:10]),
            told: ", ".join(order[:10]),
            "classes with a wrong name": f"{wrong} of {len(order)}",
        },
        edit=edit,
        cost=0.4,
    )


def _line(case: Case, use: Use, listed: list[str], order: list[str]) -> tuple[Place, Edit | None]:
    """Where the names are written: the list itself, or else the line that uses it."""
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(node, ast.List | ast.Tuple) or len(node.elts) != len(listed):
                continue
            if [e.value if isinstance(e, ast.Constant) else None for e in node.elts] == listed:
                place = place_of(case, unit, node)
                by_plain = {_plain(name): name for name in listed}
                inner = ", ".join(f'"{by_plain[_plain(name)]}"' for name in order)
                code = f"[{inner}]" if isinstance(node, ast.List) else f"({inner})"
                edit = Edit(
                    "Write the names in the order of the classes", (edits.replace(place, code),), True
                )
                return place, edit
            if isinstance(node, ast.Dict):
                values = [v.value if isinstance(v, ast.Constant) else None for v in node.values]
                if sorted(map(str, values)) == sorted(listed):
                    return place_of(case, unit, node), None
    return place_of(case, use.unit, use.node), None


def _branch(case: Case, use: Use, orders: list[tuple[list[str], str]]) -> Iterable[Finding]:
    """`"cat" if p > 0.5 else "dog"` with two classes: the first name goes with the higher number."""
    node = use.node
    test = use.args[0]
    inner = node.test if isinstance(node, ast.If | ast.IfExp) else None
    if not isinstance(inner, ast.Compare) or len(inner.ops) != 1 or not _from_model(case, test):
        return
    if not isinstance(inner.comparators[0], ast.Constant) or inner.comparators[0].value not in (0.5, 1, 0):
        return
    if _last_columns(case) != 1 or any(tag.thing is not case.model for tag in test.of_kind("prediction")):
        return
    cut, op = inner.comparators[0].value, inner.ops[0]
    high = (isinstance(op, ast.Gt | ast.GtE) and cut == 0.5) or (isinstance(op, ast.Eq) and cut == 1)
    low = (isinstance(op, ast.Lt | ast.LtE) and cut == 0.5) or (isinstance(op, ast.Eq) and cut == 0)
    if not (high or low) or not isinstance(node, ast.If | ast.IfExp):
        return
    for order, told in orders:
        if len(order) != 2:
            continue
        first, second = _name_in(node.body, order), _name_in(node.orelse, order)
        one, zero = (first, second) if high else (second, first)
        if one is not None and zero is not None and (zero, one) == (1, 0):
            yield Finding(
                NAME,
                "error",
                place_of(case, use.unit, inner),
                "the two names stand the wrong way round: a high answer means the class with number 1",
                {told: ", ".join(order), "named for a high answer": order[one]},
                cost=0.4,
            )
            return


def _last_columns(case: Case) -> int | None:
    output = case.probes.flow.output
    return int(output.shape[-1]) if hasattr(output, "shape") and len(output.shape) == 2 else None


def _name_in(body: Any, order: list[str]) -> int | None:
    """Which of the two classes a branch names; None where it names neither or both."""
    parts = body if isinstance(body, list) else [body]
    words = [
        node.value
        for part in parts
        for node in ast.walk(part)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    found = set()
    for word in words:
        spoken = {_plain(piece) for piece in [word, *word.replace(".", " ").replace("!", " ").split()]}
        found |= {index for index, name in enumerate(order) if _plain(name) in spoken}
    return found.pop() if len(found) == 1 else None
