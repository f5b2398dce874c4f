"""A function of `keras.backend` is used that Keras 3 no longer has.

What it is
    The backend module was once the toolbox for losses, metrics and layers: `K.mean`, `K.square`,
    `K.get_session`. In Keras 3 it has a few settings left; the functions are in `keras.ops`.

Why it hurts
    `keras.backend` raises an AttributeError where the function is used: in a loss, that is at the first step.
    The copy under `tf.keras` still has many of them, but they do not take Keras's symbolic tensors.

Wrong
    loss = K.mean(K.square(y_true - y_pred), axis=-1)

Right
    loss = ops.mean(ops.square(y_true - y_pred), axis=-1)

How it was measured
    The function was asked for and was not there, or it raised on a symbolic tensor.

When it is wrong
    `epsilon`, `image_data_format`, `clear_session` and some others are still there and are no fault.
"""

from __future__ import annotations

import ast
import contextlib
import types
from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Edit, Finding, Place
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of

NAME = "backend-functions"
GROUP = "versions"
WHEN = "always"
FIXES = True

SESSIONS = ("get_session", "set_session", "tensorflow_backend", "manual_variable_initialization")


def check(case: Case) -> Iterable[Finding]:
    """What was answered in the run, what the loss and the metrics will ask for, and what ended the script."""
    main = case.trace.facts.get("main", {})
    named = any(getattr(value, "__name__", "") == "keras.backend" for value in list(main.values()))
    if case.stage == "fit" and named:
        with contextlib.suppress(ProbeError):
            # A step in the doctor's hands asks for what the loss uses.
            _ = case.probes.gradients
    places: dict[Place, str] = {}
    for event in case.trace.of_kind("old-name"):
        if ".backend." not in event.name or event.place is None:
            continue
        if not case.code(event.place).lstrip().startswith(("from", "import")):
            places.setdefault(event.place, event.name.rpartition(".")[2])
    for place, name in (*_in_functions(case), *_later(case)):
        places.setdefault(place, name)
    for place, name in places.items():
        yield Finding(
            NAME,
            "error",
            place,
            f"keras.backend of Keras 3 has no {name}, and the line raises an AttributeError",
            {"not there": f"keras.backend.{name}"},
            explains=("old-import-paths",),
            edit=_edit(case, place, name),
            cost=0.9,
        )
    yield from _crash(case)


def _in_functions(case: Case) -> Iterable[tuple[Place, str]]:
    """What functions of the user's that are compiled in will ask for."""
    if case.compile is None:
        return
    wanted: set[str] = set()
    for name in ("loss", "metrics"):
        wanted |= {f.__name__ for f in _functions(case.compile.arguments.get(name))}
    main = case.trace.facts.get("main", {})
    for unit in case.units:
        for function in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(function, ast.FunctionDef) or function.name not in wanted:
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    module = main.get(node.value.id)
                    if getattr(module, "__name__", "") == "keras.backend" and node.attr not in vars(module):
                        yield place_of(case, unit, node), node.attr


def _later(case: Case) -> Iterable[tuple[Place, str]]:
    """What lines after the fit will ask for."""
    try:
        rest = case.probes.rest
    except ProbeError:
        return
    for use in rest.uses:
        module = use.base.live if use.base is not None else None
        if getattr(module, "__name__", "") != "keras.backend" or use.name in vars(module):
            continue
        node = use.node.func if isinstance(use.node, ast.Call) else use.node
        if use.kind in ("attribute", "call"):
            yield place_of(case, use.unit, node), use.name


def _functions(value: Any) -> list[types.FunctionType]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [f for part in value for f in _functions(part)]
    return [value] if isinstance(value, types.FunctionType) else []


def _edit(case: Case, place: Place, name: str) -> Edit | None:
    import keras

    if not hasattr(keras.ops, name) or "." not in case.code(place):
        return None
    spelled = edits.keras_name(case, place)
    if spelled.code != "keras":
        spelled = edits.Spelled("keras", (edits.add_import(place, "keras"),))
    steps = (*spelled.operations, edits.replace(place, f"keras.ops.{name}"))
    return Edit(f"Use keras.ops.{name}", steps)


def _crash(case: Case) -> Iterable[Finding]:
    error, crash = case.error, case.crash
    if error is None or crash is None or crash.place is None:
        return
    name = ""
    if isinstance(error, AttributeError) and str(getattr(error.obj, "__name__", "")).endswith(
        "keras.backend"
    ):
        name = str(error.name)
    elif isinstance(error, ImportError) and str(error.name or "").endswith("keras.backend"):
        name = str(error).split("'")[1] if "'" in str(error) else ""
    elif isinstance(error, ImportError) and "tensorflow_backend" in str(error.name or ""):
        name = "tensorflow_backend"
    elif _through_legacy(error):
        yield Finding(
            NAME,
            "error",
            crash.place,
            "functions of tf.keras.backend do not take Keras's symbolic tensors; use those of keras.ops",
            {"raised": f"{type(error).__name__}: {error}"[:200]},
            explains=("tf-op-on-keras-tensor",),
            cost=1.0,
        )
        return
    if not name:
        return
    session = name in SESSIONS
    yield Finding(
        NAME,
        "error",
        crash.place,
        f"keras.backend of Keras 3 has no {name}"
        + ("; there are no sessions any more, and the line can go" if session else ""),
        {"not there": f"keras.backend.{name}", "raised": type(error).__name__},
        explains=("old-import-paths",),
        cost=1.0,
    )


def _through_legacy(error: BaseException) -> bool:
    """Whether it was raised on the way through the old functions, called by the user on symbolic tensors."""
    step = error.__traceback__
    files = []
    while step is not None:
        files.append(step.tb_frame.f_code.co_filename.replace("\\", "/"))
        step = step.tb_next
    return any(name.endswith("keras/src/legacy/backend.py") for name in files)
