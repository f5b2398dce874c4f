"""The first layer gets `input_shape=`, where Keras 3 would rather have an `Input`.

What it is
    The shape of the data was once an argument of the first layer. It still is understood.

Why it hurts
    It does not: Keras prints a warning, and does the same.

Wrong
    keras.Sequential([layers.Dense(16, input_shape=(8,)), layers.Dense(1)])

Right
    keras.Sequential([keras.Input(shape=(8,)), layers.Dense(16), layers.Dense(1)])

How it was measured
    The layer was made with the argument. This is a remark and no more.

When it is wrong
    `input_dim` of an Embedding is the size of its vocabulary; that layer is left alone.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits

NAME = "input-shape-argument"
GROUP = "versions"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """Mentions layers of this model that were made so."""
    own = {id(layer) for layer in case.layers}
    for event in case.trace.of_kind("layer"):
        if id(event.result) not in own or event.place is None:
            continue
        if not type(event.result).__module__.startswith("keras."):
            continue
        takes = inspect.signature(type(event.result).__init__).parameters
        for name in ("input_shape", "input_dim"):
            if name in event.given and name not in takes:
                yield Finding(
                    NAME,
                    "info",
                    event.place,
                    f"{name}= still works, with a warning; an Input before the layer says the same",
                    {name: str(event.arguments.get(name))},
                    edit=_edit(case, event.place, name),
                )


def _edit(case: Case, place: Place, name: str) -> Edit | None:
    try:
        call = ast.parse(case.code(place), mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(call, ast.Call):
        return None
    value = next((k.value for k in call.keywords if k.arg == name), None)
    if value is None:
        return None
    shape = ast.unparse(value)
    spelled = edits.spell(
        case, place, "Input", f"shape=({shape},)" if name == "input_dim" else f"shape={shape}"
    )
    if spelled is None:
        return None
    steps = (*spelled.beside(place, "before"), edits.remove_argument(place, name))
    return Edit("Put an Input before the layer", steps, safe=True)
