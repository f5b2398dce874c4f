"""Pixels were subtracted from or multiplied as bytes, and wrapped round.

What it is
    Arrays of type uint8 hold 0 to 255 and nothing else. 100 - 128 becomes 228, and 200 * 2 becomes 144.

Why it hurts
    Dark turns to bright in the middle of a picture. The net trains on torn pictures, and new ones that
    are prepared rightly look different to it.

Wrong
    x_train = (x_train - 128).astype("float32")

Right
    x_train = x_train.astype("float32") - 128

How it was measured
    The line that made the training pixels subtracts a number, yet the live array holds whole numbers from
    0 to near 255, which no subtraction from 0 to 255 leaves.

When it is wrong
    uint8 into a layer that scales is fine, and a cast before the arithmetic leaves numbers below zero.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines.inputs import assignments, name_given
from headstart.doctor.lines.nodes import place_in
from headstart.doctor.records import Finding, Place

NAME = "dtype-wrap"
GROUP = "input"

EXPLAINS = ("pixels-unscaled", "backbone-raw-pixels", "domain-features-weak")

LEAST = 16
"""A smaller number taken off leaves a range that cannot be told from the whole."""


def check(case: Case) -> Iterable[Finding]:
    """Compares the arithmetic in the text with the numbers in the array."""
    train = case.train
    if train is None or not isinstance(train.x, np.ndarray) or train.x.ndim not in (3, 4) or not train.x.size:
        return
    x = train.x
    if x.dtype.kind not in "uf" or float(x.min()) < 0:
        return
    found = _arithmetic(case)
    if found is None:
        return
    place, taken, divided = found
    values = x.astype(np.float64) * divided
    whole = bool((np.abs(values - np.round(values)) < 1e-3).mean() > 0.999)
    if not whole or values.max() > 255.5 or values.max() <= 255.5 - taken:
        return
    yield Finding(
        NAME,
        "error",
        place,
        f"{taken:g} is subtracted from bytes, which wrap round below zero to values near 255",
        {"lowest value after it": float(values.min()), "highest": float(values.max()), "subtracted": taken},
        EXPLAINS,
        cost=0.2,
    )


def _arithmetic(case: Case) -> tuple[Place, float, float] | None:
    """The statement that subtracts a number from the pixels, the number, and what divides them later."""
    name = name_given(case)
    fit = case.fit.place if case.fit is not None else None
    if name is None or fit is None:
        return None
    for unit in case.units:
        divided = 1.0
        found: tuple[Place, float] | None = None
        for statement, _ in assignments(unit, name):
            if (unit.cell or 0, statement.lineno) >= (fit.cell or 0, fit.line):
                break
            if _more(statement):
                found = None
            for node in ast.walk(statement):
                right = node.right if isinstance(node, ast.BinOp) else None
                if isinstance(node, ast.AugAssign):
                    right = node.value
                number = right.value if isinstance(right, ast.Constant) else None
                if not isinstance(number, int | float) or isinstance(number, bool):
                    continue
                operation = node.op  # type: ignore[attr-defined]
                if isinstance(operation, ast.Sub) and isinstance(number, int) and number >= LEAST:
                    cast = "astype" in ast.unparse(getattr(node, "left", node))
                    found = None if cast else (place_in(unit, statement, fit.file), float(number))
                elif isinstance(operation, ast.Div):
                    divided *= float(number)
        if found is not None:
            return (*found, divided)
    return None


def _more(statement: ast.stmt) -> bool:
    """Whether a statement adds something, or calls what is no mere change of form."""
    for node in ast.walk(statement):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Add):
            return True
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name not in ("astype", "reshape", "array", "asarray", "float32", "float64", "expand_dims"):
                return True
    return False
