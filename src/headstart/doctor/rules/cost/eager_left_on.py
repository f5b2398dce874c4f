"""Training runs eagerly, step by step in Python, as for debugging.

What it is
    `compile(run_eagerly=True)` or `tf.config.run_functions_eagerly(True)` keep Keras from compiling the
    training step, so that one can stop and print inside it.

Why it hurts
    Time: each operation is started by Python on its own.

Wrong
    model.compile(..., run_eagerly=True)

Right
    model.compile(...)

How it was measured
    The setting of the live model; a batch through it eagerly and compiled, times the steps of this fit.

When it is wrong
    A short run for debugging loses little: it is a warning only where minutes are lost.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterable

from headstart.doctor.capture.samples import take_rows
from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding, Place, Severity
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of

NAME = "eager-left-on"
GROUP = "cost"
FIXES = True

LARGE = 60.0
"""Seconds lost from which it is a warning."""
FACTOR = 2.0


def check(case: Case) -> Iterable[Finding]:
    """Reads the setting, then the clock."""
    event = case.compile
    if event is None or case.backend == "torch" or case.train is None:
        return
    place: Place | None = None
    edit: Edit | None = None
    if event.arguments.get("run_eagerly") is True and event.place is not None:
        place = event.place
        edit = Edit("Let Keras compile the step", (edits.remove_argument(place, "run_eagerly"),), safe=True)
    elif case.backend == "tensorflow":
        import tensorflow as tf

        if tf.config.functions_run_eagerly():
            place = _line(case)
            if place is not None:
                edit = Edit("Let TensorFlow compile", (edits.remove_statement(place),), safe=True)
    if place is None:
        return
    lost, factor = _lost(case)
    severity: Severity = "warning" if lost >= LARGE and factor >= FACTOR else "info"
    evidence: dict[str, float | int] = {"steps of this fit": (case.train.steps or 0) * case.epochs}
    if factor > 0:
        evidence["times slower than compiled"] = round(factor, 1)
        evidence["seconds lost in this fit, about"] = round(lost, 1)
    yield Finding(
        NAME,
        severity,
        place,
        "training runs eagerly, which is for debugging and slow",
        evidence,
        edit=edit,
        cost=0.001,
    )


def _line(case: Case) -> Place | None:
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr.endswith("run_functions_eagerly"):
                return place_of(case, unit, node)
    return None


def _lost(case: Case) -> tuple[float, float]:
    """Seconds that the whole fit loses, and how many times slower a pass is; zeros where not measured."""
    train = case.train
    if case.backend != "tensorflow" or train is None or not train.batches or not train.steps:
        return 0.0, 0.0
    import tensorflow as tf

    flow = case.probes.flow
    rows = min(train.batch_size or 32, train.batches[0].rows)
    if flow.seconds_per_row * rows > 0.5:
        return 0.0, 0.0
    x = tf.nest.map_structure(tf.convert_to_tensor, take_rows(train.batches[0].x, slice(0, rows)))
    eagerly = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(False)
    try:
        compiled = tf.function(lambda value: case.model(value, training=False))
        compiled(x)
        graph = min(_clock(compiled, x) for _ in range(5))
        eager = min(_clock(lambda value: case.model(value, training=False), x) for _ in range(3))
    finally:
        tf.config.run_functions_eagerly(eagerly)
    return 3 * max(0.0, eager - graph) * train.steps * case.epochs, eager / max(graph, 1e-6)


def _clock(call: object, x: object) -> float:
    started = time.perf_counter()
    call(x)  # type: ignore[operator]
    return time.perf_counter() - started
