"""Initial weights many times wider than the number of inputs allows.

What it is
    A unit adds up all of its inputs. For the sum to stay near the size of one input, weights must spread
    about one over the square root of their number; `RandomNormal(stddev=1.0)` on 784 inputs is 28 times that.

Why it hurts
    Numbers grow with each layer, answers and the first loss are huge, and the run is spent on bringing the
    weights down, or ends in NaN.

Wrong
    model.add(Dense(30, kernel_initializer=keras.initializers.RandomNormal(stddev=1.0)))

Right
    model.add(Dense(30))

How it was measured
    The spread of the live weights against one over the square root of the inputs; then the model is trained
    with Adam on the user's rows from these weights and from the same ones made smaller, and the gain must
    show on rows kept apart.

When it is wrong
    Embeddings, frozen random features and nets that learn from wide weights all the same are left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes.meanwhile import scaled
from headstart.doctor.probes.untouched import value_of
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.optimisation import _settings as settings
from headstart.doctor.rules.optimisation._chain import WEIGHTED, own_leaves

NAME = "wide-init"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("loss-not-falling", "vanishing-gradient", "exploding-gradient", "saturated-sigmoids", "dead-relu")
WIDE = 4.0
"""How many times too wide raises the suspicion."""


def check(case: Case) -> Iterable[Finding]:
    """Compares spreads, and trains from both where they are far apart."""
    if not settings.fresh(case):
        return
    wide: list[tuple[Any, float]] = []
    for done in own_leaves(case):
        layer = done.layer
        kernel = getattr(layer, "kernel", None)
        if type(layer).__name__ not in WEIGHTED or kernel is None or not layer.trainable:
            continue
        # Only weights that the script itself asked for: Keras's own initialisers suit their layers.
        event = case.trace.event_of(layer)
        if event is None or "kernel_initializer" not in event.given:
            continue
        entering = int(np.prod(kernel.shape[:-1]))
        ratio = float(value_of(kernel).std()) * np.sqrt(entering)
        if ratio >= WIDE and entering > 1 and layer not in [one for one, _ in wide]:
            wide.append((layer, ratio))
    if not wide:
        return
    import keras

    lab = case.probes.lab
    weights = [(layer.kernel, 1.0 / ratio) for layer, ratio in wide]
    weights += [
        (layer.bias, 1.0 / ratio) for layer, ratio in wide if getattr(layer, "bias", None) is not None
    ]
    own = lab.run(keras.optimizers.Adam(), key="adam")
    narrow = lab.run(keras.optimizers.Adam(), change=lambda: scaled(weights), key="adam, narrower")
    better = narrow.explained >= 0.25 and narrow.explained - max(own.explained, -0.5) >= 0.25
    if not narrow.finite or not better:
        return
    layer, ratio = wide[0]
    entering = int(np.prod(layer.kernel.shape[:-1]))
    yield Finding(
        NAME,
        "warning",
        case.place_of(layer),
        f"the initial weights are {ratio:.0f} times wider than {entering} inputs allow",
        {
            "spread of the weights": round(float(value_of(layer.kernel).std()), 4),
            "one over the square root of the inputs": round(float(1 / np.sqrt(entering)), 4),
            "loss at first": round(own.start, 4),
            "loss of a constant answer": round(own.guess, 4),
            "loss with Adam from these weights": round(own.end, 4),
            "loss with Adam from narrower ones": round(narrow.end, 4),
        },
        EXPLAINS,
        _edit(case, [one for one, _ in wide]),
        cost=min(1.0, settings.percent(narrow.explained - max(0.0, own.explained))),
    )


def _edit(case: Case, layers: list[Any]) -> Edit | None:
    steps = []
    for layer in layers:
        place = case.place_of(layer)
        if place is None or "kernel_initializer" not in case.code(place):
            return None
        step = edits.remove_argument(place, "kernel_initializer", "bias_initializer")
        if step not in steps:
            steps.append(step)
    return Edit("Start from the default weights", tuple(steps), safe=True)
