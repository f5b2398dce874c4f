"""Pictures of one channel are given to a backbone of three.

What it is
    The nets of `keras.applications` with trained weights take red, green and blue. Grey pictures have one
    channel.

Why it hurts
    Keras stops with an error about shapes, at the backbone or when the training begins.

Wrong
    base = VGG16(include_top=False, input_shape=(28, 28, 1))

Right
    x = layers.Concatenate()([inputs, inputs, inputs]); base(x)

How it was measured
    The training data has one channel and the live backbone takes three, and a pass of the model fails; or
    Keras refused the shape when the backbone was built.

When it is wrong
    A net built without weights for one channel, and a layer that repeats the channel or makes three out
    of one, let the pass go through.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.lines.inputs import data_place
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Finding

NAME = "grey-to-rgb-missing"
GROUP = "input"
WHEN = "always"

EXPLAINS = ("channels-first-confused",)


def check(case: Case) -> Iterable[Finding]:
    """Looks at the shapes, or at the error that ended the script."""
    error = str(case.error) if case.error is not None else ""
    if case.stage == "end":
        refused = "must have 3 channels" in error and ", 1)" in error
        if refused and case.crash is not None:
            yield _finding(
                "the backbone is built for one channel, but its weights take three", case.crash.place
            )
        return
    if case.train is None or not isinstance(case.train.x, np.ndarray) or not case.train.batches:
        return
    shape = case.train.x.shape[1:]
    if len(shape) not in (2, 3) or (len(shape) == 3 and shape[-1] != 1) or min(shape[:2]) < 8:
        return
    for backbone in case.backbones:
        wanted = backbone.model.input_shape
        if not isinstance(wanted, tuple) or len(wanted) != 4 or wanted[-1] != 3:
            continue
        try:
            _ = case.probes.flow
        except ProbeError:
            yield _finding(
                f"the pictures have one channel, but {backbone.name} takes three", data_place(case), shape
            )
            return


def _finding(message: str, place: object, shape: tuple[int, ...] | None = None) -> Finding:
    evidence = {} if shape is None else {"shape of a picture": " x ".join(str(n) for n in shape)}
    return Finding(NAME, "error", place, message, evidence, EXPLAINS, cost=1.0)  # type: ignore[arg-type]
