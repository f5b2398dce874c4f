"""The learning rate is given as `lr=`, or read as `optimizer.lr`, which Keras 3 does not know.

What it is
    The argument has been called `learning_rate` since 2019; the short name was kept for a while.

Why it hurts
    Keras 3 raises a ValueError. TensorFlow 2.11 to 2.15 took the argument and ignored it, so that the rate
    was the default whatever was written.

Wrong
    keras.optimizers.Adam(lr=1e-4)

Right
    keras.optimizers.Adam(learning_rate=1e-4)

How it was measured
    The optimizer was made with the argument, or will be by a line after the fit; or a line asks a live
    optimizer for an attribute that it does not have. The doctor read the argument as it was meant.

When it is wrong
    A class of the user's own may take `lr`: the rule looks at what Keras's own classes take.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of

NAME = "optimizer-lr"
GROUP = "versions"
WHEN = "always"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """Optimizers that were made, that will be made, and attributes that will be asked for."""
    for event in case.trace.of_kind("removed-argument", "lr"):
        if event.place is not None:
            yield _argument(event.place, str(event.arguments["method"]), event.arguments["value"])
    try:
        rest = case.probes.rest
    except ProbeError:
        return
    for use in rest.of_kind("call"):
        if "lr" in use.keywords and use.callee is not None and _is_optimizer_class(use.callee.live):
            rate = use.keywords["lr"].live if use.keywords["lr"].known else None
            yield _argument(place_of(case, use.unit, use.node), use.callee.live.__name__, rate)
    for use in rest.of_kind("attribute"):
        if use.name == "lr" and use.base is not None and _is_optimizer(use.base.live):
            yield _attribute(case, place_of(case, use.unit, use.node), use.base.live)
    if case.optimizer is not None and not hasattr(case.optimizer, "lr"):
        for place in _in_callbacks(case):
            yield _attribute(case, place, case.optimizer)
    error, crash = case.error, case.crash
    asked = isinstance(error, AttributeError) and error.name == "lr" and _is_optimizer(error.obj)
    if asked and crash is not None and crash.place is not None:
        yield _attribute(case, crash.place, error.obj)  # type: ignore[union-attr]


def _argument(place: Place, kind: str, rate: Any) -> Finding:
    edit = Edit("Call it learning_rate", (edits.rename_argument(place, "lr", "learning_rate"),), safe=True)
    return Finding(
        NAME,
        "error",
        place,
        f"{kind} of Keras 3 does not take lr= and raises a ValueError; it is called learning_rate",
        {"lr": rate if isinstance(rate, int | float) else None, "raised by Keras 3": "ValueError"},
        edit=edit,
        cost=0.8,
    )


def _attribute(case: Case, place: Place, optimizer: Any) -> Finding:
    code = case.code(place)
    edit = None
    if code.endswith(".lr"):
        step = edits.replace(place, code.removesuffix("lr") + "learning_rate")
        edit = Edit("Call it learning_rate", (step,), safe=True)
    return Finding(
        NAME,
        "error",
        place,
        f"{type(optimizer).__name__} of Keras 3 has no attribute lr; it is called learning_rate",
        {"raised by Keras 3": "AttributeError"},
        edit=edit,
        cost=0.8,
    )


def _is_optimizer_class(value: Any) -> bool:
    import keras

    return (
        isinstance(value, type)
        and issubclass(value, keras.optimizers.Optimizer)
        and value.__module__.startswith("keras.")
    )


def _is_optimizer(value: Any) -> bool:
    import keras

    return isinstance(value, keras.optimizers.Optimizer) and not hasattr(value, "lr")


def _in_callbacks(case: Case) -> Iterator[Place]:
    """`self.model.optimizer.lr` in a callback of the user's that this fit was given."""
    given = case.fit_argument("callbacks") or []
    given = given if isinstance(given, list | tuple) else [given]
    own = {type(callback).__name__ for callback in given if not type(callback).__module__.startswith("keras")}
    for unit in case.units:
        for cls in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(cls, ast.ClassDef) or cls.name not in own:
                continue
            for node in ast.walk(cls):
                inner = node.value if isinstance(node, ast.Attribute) and node.attr == "lr" else None
                if isinstance(inner, ast.Attribute) and inner.attr == "optimizer":
                    yield place_of(case, unit, node)
