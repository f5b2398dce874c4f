"""The variable that a script keeps an object in."""

from __future__ import annotations

import ast

from headstart.doctor.case import Case
from headstart.doctor.views.model import Backbone


def name_of(case: Case, backbone: Backbone) -> str | None:
    """The name that the line which built a backbone gives it; None where it has none."""
    place = backbone.place
    unit = case.unit(place) if place is not None else None
    tree = unit.tree() if unit is not None else None
    if place is None or tree is None:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = node.value
            if (value.lineno, value.col_offset + 1) == (place.line, place.column):
                return node.targets[0].id
    return None
