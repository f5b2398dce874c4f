"""Layers were freed for a second phase, but the model was not compiled again before its next fit.

What it is
    The training step that the first fit built works on the weights that were trainable then. Setting
    `trainable = True` afterwards does not reach it.

Why it hurts
    On TensorFlow the second phase goes on training the head alone, in silence. On JAX and PyTorch it stops
    with an error, because the optimizer does not know the freed weights.

Wrong
    model.fit(x, y, epochs=5)
    base.trainable = True
    model.fit(x, y, epochs=5)

Right
    model.fit(x, y, epochs=5)
    base.trainable = True
    model.compile(optimizer=keras.optimizers.Adam(1e-5), loss="binary_crossentropy")
    model.fit(x, y, epochs=5)

How it was measured
    The model has been trained since its last compile, and weights that were frozen in that compile are
    trainable at this fit.

When it is wrong
    A new model around the same layers that is compiled by itself has a step of its own; a `train_step` of
    one's own may read the flags each time. Seen with `--through`, or where the script trains one batch first.
"""

from __future__ import annotations

from collections.abc import Iterable

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair.compiling import FINE, compile_again
from headstart.doctor.views.freezing import (
    changed_since_compile,
    fits_before,
    line_of_flag,
    own_weights,
    part_of_another,
    size,
    steps_itself,
)

NAME = "unfreeze-without-recompile"
GROUP = "backbone"
FIXES = True

EXPLAINS = (
    "trainable-after-compile",
    "optimizer-reused",
    "backbone-unfrozen-high-rate",
    "finetune-rate-high",
)


def check(case: Case) -> Iterable[Finding]:
    """Compares the flags of now with those of the compile that the built step belongs to."""
    if case.compile is None or case.fit is None or case.fit.kind != "fit":
        return
    if not any(e.order > case.compile.order for e in fits_before(case)):
        return
    freed = [layer for layer in changed_since_compile(case) if layer.trainable]
    if not freed or part_of_another(case) or steps_itself(case.model):
        return
    effect = {
        "tensorflow": "the step built for the first fit goes on without them",
        "jax": "the optimizer does not know them and the fit will stop with an error",
        "torch": "the optimizer does not know them and the fit will stop with an error",
    }.get(case.backend, "the step built for the first fit does not know them")
    steps = compile_again(case, FINE)
    evidence = {
        "layers freed since compile": len(freed),
        "weights in them": size(v for layer in freed for v in own_weights(layer)),
    }
    if case.compile.place is not None:
        evidence["compiled last at line"] = case.compile.place.line
    yield Finding(
        NAME,
        "error",
        line_of_flag(case, freed[-1]) or case.fit.place,
        f"layers were freed after the first fit without a new compile: {effect}",
        evidence,
        EXPLAINS,
        Edit("Compile again with a low rate before this fit", steps, safe=True) if steps else None,
        cost=0.3,
    )
