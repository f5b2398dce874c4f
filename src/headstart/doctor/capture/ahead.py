"""What the text says will come after the fit at which a run is stopped."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from headstart.doctor.capture.source import Unit
from headstart.doctor.records import Place

TRAINING = ("epochs", "batch_size", "steps_per_epoch", "validation_data", "validation_split", "callbacks")
"""Arguments that tell a training from the `fit` of a scaler or of a tokenizer."""


def trains_again(units: Sequence[Unit], place: Place | None) -> bool:
    """Whether another training stands in the text behind a place; nothing is run to find out."""
    if place is None:
        return False
    for unit in units:
        if unit.cell is not None and place.cell is not None and unit.cell < place.cell:
            continue
        after = place.end_line if unit.cell == place.cell else 0
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("fit", "fit_generator")
                and node.lineno > after
                and any(keyword.arg in TRAINING for keyword in node.keywords)
            ):
                return True
    return False
