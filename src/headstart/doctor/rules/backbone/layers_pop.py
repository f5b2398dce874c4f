"""`model.layers.pop()` takes a layer out of a copy of the list, and the model keeps it.

What it is
    `layers` gives a new list each time. Popping from it was how Keras 1 dropped a net's top; since then it
    changes nothing, and no error says so.

Why it hurts
    The classifier that was to go is still the end of the net, so the new head is fed its answers.

Wrong
    base = VGG16()
    base.layers.pop()

Right
    base = VGG16(include_top=False, pooling="avg")

How it was measured
    The script calls `.layers.pop()` on a live Keras model, and that model's last layer is part of the model
    that is trained.

When it is wrong
    `Sequential.pop()` on the model itself works; a list of layers that the script keeps for itself is its own
    business.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.lines.nodes import place_in
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.views.model import every_layer

NAME = "layers-pop"
GROUP = "backbone"
FIXES = True

EXPLAINS = ("classifier-top-kept",)


def check(case: Case) -> Iterable[Finding]:
    """Looks for the call, then for what is left of it in the live model."""
    live = {id(layer) for layer in case.layers}
    for place, owner in _calls(case):
        net = _model(case, owner)
        if net is None or net is case.model or not net.layers:
            continue
        last = net.layers[-1]
        if id(last) not in live or _cut_before(case, last):
            continue
        edit = None
        if type(net).__name__ == "Sequential":
            edit = Edit("Pop from the model itself", (edits.replace(place, f"{owner}.pop()"),), safe=True)
        yield Finding(
            NAME,
            "error",
            place,
            f"popping from the list of layers changes nothing: {last.name!r} is still the end of {owner}",
            {"last layer, still there": last.name, "layers": len(net.layers)},
            EXPLAINS,
            edit,
            cost=0.05,
        )


def _calls(case: Case) -> Iterator[tuple[Place, str]]:
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "pop"
                and isinstance(node.func.value, ast.Attribute)
                and node.func.value.attr in ("layers", "_layers")
                and not node.keywords
            ):
                place = place_in(unit, node, case.script)
                yield place, ast.unparse(node.func.value.value)


def _model(case: Case, name: str) -> Any:
    """The live model by that name; inside a function, the one backbone that there is."""
    found = vars(sys.modules["__main__"]).get(name)
    if hasattr(found, "layers") and hasattr(found, "compile"):
        return found
    nets = [b.model for b in case.backbones if b.event.arguments.get("include_top")]
    return nets[0] if found is None and len(nets) == 1 else None


def _cut_before(case: Case, last: Any) -> bool:
    """Whether the model trained ends where the popped layer would have been: it is its output on purpose."""
    outputs = getattr(case.model, "outputs", None) or []
    made = [getattr(t, "_keras_history", (None,))[0] for t in outputs]
    return any(layer is last for layer in made) or any(last in every_layer(m) for m in made if m is not None)
