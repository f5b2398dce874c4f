"""A layer was frozen or freed after the model was compiled, and the model was not compiled again.

What it is
    `compile` settles which weights the training step and the optimizer work on. Keras does not promise that
    a flag which is changed later is seen: it warns, and asks for a new `compile`.

Why it hurts
    Once a step has been built, TensorFlow goes on with the old set: what was frozen is trained all the same.
    JAX stops with an error. Before the first step the new flags happen to be taken up by some versions.

Wrong
    model.compile(optimizer="adam", loss="binary_crossentropy")
    base.trainable = False
    model.fit(x, y)

Right
    base.trainable = False
    model.compile(optimizer="adam", loss="binary_crossentropy")
    model.fit(x, y)

How it was measured
    The flag of every layer with weights when the model was compiled, against the flag at the fit.

When it is wrong
    A GAN freezes its discriminator for the model that holds both, after compiling it by itself: a model that
    is part of another compiled one is left alone. A flag that was changed and changed back is no change.
    A second phase that frees layers without a new compile is `unfreeze-without-recompile`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair.compiling import compile_again
from headstart.doctor.views.freezing import (
    changed_since_compile,
    fits_before,
    line_of_flag,
    own_weights,
    part_of_another,
    size,
    steps_itself,
)

NAME = "trainable-after-compile"
GROUP = "backbone"
FIXES = True

EXPLAINS = ("optimizer-reused",)


def check(case: Case) -> Iterable[Finding]:
    """Compares the flags of now with those of the compile."""
    if case.compile is None or case.fit is None or case.fit.kind != "fit":
        return
    changed = changed_since_compile(case)
    if not changed or part_of_another(case) or steps_itself(case.model):
        return
    stepped = any(e.order > case.compile.order for e in fits_before(case))
    if stepped and any(layer.trainable for layer in changed):
        return
    place = line_of_flag(case, changed[-1])
    if place is None:
        return
    now = "freed" if changed[-1].trainable else "frozen"
    evidence: dict[str, Any] = {
        "layers whose flag changed since compile": len(changed),
        "weights in them": size(v for layer in changed for v in own_weights(layer)),
    }
    if case.compile.place is not None:
        evidence["compiled at line"] = case.compile.place.line
    effect = "Keras warns and does not promise that the training sees it"
    if stepped and case.backend == "tensorflow":
        effect = "the step that was built before goes on training them"
    steps = compile_again(case, "0.001" if stepped else None)
    yield Finding(
        NAME,
        "warning",
        place,
        f"layers were {now} after the model was compiled and it was not compiled again: {effect}",
        evidence,
        EXPLAINS,
        Edit("Compile again before this fit", steps, safe=not stepped) if steps else None,
        cost=0.1,
    )
