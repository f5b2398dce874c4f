"""A module or a name is imported from where Keras 1 and 2 had it, and is there no longer.

What it is
    `keras.utils.np_utils`, `keras.layers.core`, `keras.engine` and their kin were inner paths; Keras 3 has
    only the public ones. `tensorflow.python.keras` is a private copy of an old Keras.

Why it hurts
    The import ends the script. The private copy does import, and its layers do not go together with those
    of `tf.keras`.

Wrong
    from keras.layers.core import Dense

Right
    from keras.layers import Dense

How it was measured
    The import itself was made, and Keras had no such module or name. The doctor answered it with what took
    its place, and went on.

When it is wrong
    A statement in a `try` that catches the failure is prepared for it, and is left alone.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.lines.old_imports import old_imports
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of

NAME = "old-import-paths"
GROUP = "versions"
WHEN = "always"
FIXES = True

PRIVATE = "tensorflow.python.keras"

GONE = {
    "merge": "use keras.layers.concatenate, add or multiply",
    "Merge": "use keras.layers.Concatenate, Add or Multiply",
    "multi_gpu_model": "use tf.distribute.MirroredStrategy or keras.distribution",
    "KerasClassifier": "use the package scikeras, or keras.wrappers.SKLearnClassifier",
    "KerasRegressor": "use the package scikeras, or keras.wrappers.SKLearnRegressor",
    "scikit_learn": "use the package scikeras, or keras.wrappers.SKLearnClassifier",
}


def check(case: Case) -> Iterable[Finding]:
    """One finding an import statement."""
    for found in old_imports(case):
        if any(".experimental" in name for name in found.old):
            continue
        listed = " and ".join(found.old)
        now = found.edit.operations[0].parameters["code"] if found.edit is not None else ""
        hint = GONE.get(found.old[-1].rpartition(".")[2], "") if found.edit is None else ""
        yield Finding(
            NAME,
            "error",
            found.place,
            f"Keras 3 has no {listed}, and the import ends the script" + (f"; {hint}" if hint else ""),
            {"not there": listed, "now": now} if now else {"not there": listed},
            edit=found.edit,
            cost=0.9,
        )
    # Attributes: `keras.optimizers.adam(...)` after a plain `import keras`.
    for event in case.trace.of_kind("old-name"):
        text = case.code(event.place) if event.place is not None else ""
        skipped = ".experimental" in event.name or ".backend." in event.name
        if event.arguments["what"] == "module" or skipped or text.lstrip().startswith(("from", "import")):
            continue
        yield Finding(
            NAME,
            "error",
            event.place,
            f"Keras 3 has no {event.name}, and the script ends there",
            {"not there": event.name},
            cost=0.9,
        )
    yield from _private(case)
    yield from _crash(case)


def _private(case: Case) -> Iterable[Finding]:
    if f"{PRIVATE}.layers" not in sys.modules and PRIVATE not in sys.modules:
        return
    for unit in case.units:
        tree = unit.tree()
        for node in tree.body if tree is not None else ():
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
                if node.module == "tensorflow.python":
                    names = [f"tensorflow.python.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            if any(name == PRIVATE or name.startswith(PRIVATE + ".") for name in names):
                yield Finding(
                    NAME,
                    "error" if case.error is not None else "warning",
                    place_of(case, unit, node),
                    f"{PRIVATE} is a private copy of an old Keras, whose objects Keras 3 does not know",
                    {"imported": ", ".join(names)},
                    explains=("mixed-keras",),
                    cost=0.9,
                )


def _crash(case: Case) -> Iterable[Finding]:
    """An import or a name that has no successor ended the script."""
    error = case.error
    if case.crash is None or case.crash.place is None:
        return
    name = ""
    if isinstance(error, ImportError) and "`keras.optimizers.legacy` is not supported" in str(error):
        code = case.code(case.crash.place)
        now = code.replace("optimizers.legacy.", "optimizers.", 1)
        step = edits.replace(case.crash.place, now)
        yield Finding(
            NAME,
            "error",
            case.crash.place,
            "Keras 3 has no legacy optimizers, and the script ends here; the plain ones take their place",
            {"not there": "keras.optimizers.legacy", "raised": "ImportError"},
            edit=Edit("Use the plain optimizer", (step,), safe=True) if now != code else None,
            cost=1.0,
        )
        return
    if isinstance(error, ImportError):
        name = str(error.name or "")
        wanted = str(error).split("'")[1] if "cannot import name" in str(error) else ""
        full = f"{name}.{wanted}" if wanted else name
    elif isinstance(error, AttributeError) and hasattr(error.obj, "__name__") and error.name:
        name = str(getattr(error.obj, "__name__", ""))
        full = f"{name}.{error.name}"
        if not type(error.obj).__name__.endswith(("module", "Loader", "ModuleWrapper", "_Old")):
            return
    else:
        return
    root = name.split(".")[0]
    inside = root in ("keras", "tensorflow") and "." in full
    if not inside or full.endswith((".backend",)) or ".backend." in full or not _of_keras(full):
        return
    last = full.rpartition(".")[2]
    hint = GONE.get(last, "")
    yield Finding(
        NAME,
        "error",
        case.crash.place,
        f"the installed version has no {full.removeprefix('keras._tf_')}, and the script ends here"
        + (f"; {hint}" if hint else ""),
        {"not there": full, "raised": type(error).__name__},
        cost=1.0,
    )


OLD_TENSORFLOW = {
    "contrib",
    "Session",
    "InteractiveSession",
    "ConfigProto",
    "GPUOptions",
    "placeholder",
    "get_default_graph",
    "set_random_seed",
    "global_variables_initializer",
    "get_variable",
    "variable_scope",
    "reset_default_graph",
    "app",
    "flags",
    "logging",
    "train.AdamOptimizer",
    "estimator",
}


def _of_keras(full: str) -> bool:
    """Whether it is Keras's affair, or one of the names that TensorFlow 2 dropped."""
    if full.startswith("keras.") or "tensorflow.keras" in full or PRIVATE in full or "tf_keras" in full:
        return True
    last = full.rpartition(".")[2]
    tail = full.partition(".")[2]
    return tail.split(".")[0] in OLD_TENSORFLOW or last in OLD_TENSORFLOW
