"""Hidden sigmoid or tanh layers that let no gradient through.

What it is
    A sigmoid is flat beyond about -4 and 4, and even at its steepest passes a quarter of the gradient. Driven
    to its ends, or stacked several times, it hands on almost nothing.

Why it hurts
    The first layers stay where they are and the loss stays flat near its start, while the same net with ReLU
    or ELU in those places learns.

Wrong
    for _ in range(6):
        model.add(Dense(32, activation="sigmoid"))

Right
    for _ in range(6):
        model.add(Dense(32, activation="relu"))

How it was measured
    Where three or more hidden layers of the live model end in sigmoid or tanh, or most of what one gives on
    a batch lies at its ends, the model is trained on the user's rows as it is and with ReLU or ELU there,
    from the same weights, which are put back; both are measured on rows kept apart.

When it is wrong
    The gates of recurrent layers, output layers and shallow nets that learn well are left alone; so are nets
    for which inputs on a usual scale are all that is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.flow import Pass
from headstart.doctor.probes.meanwhile import swapped
from headstart.doctor.probes.runs import Run
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.optimisation import _settings as settings
from headstart.doctor.rules.optimisation._chain import WEIGHTED, own_leaves
from headstart.doctor.views.model import activation_of

NAME = "saturated-sigmoids"
GROUP = "optimisation"
FIXES = True

EXPLAINS = (
    "vanishing-gradient",
    "loss-not-falling",
    "rate-too-low",
    "optimiser-default-weak",
    "epochs-too-few",
)
BENT = ("sigmoid", "tanh", "hard_sigmoid", "hard_tanh")
DEEP = 3
"""So many hidden layers of the kind raise the suspicion; so does one that lies at its ends."""
AT_ENDS = 0.6
VERY_DEEP = 5
"""From so many on, depth itself is the fault, whatever the scale of the inputs."""


def check(case: Case) -> Iterable[Finding]:
    """Counts the layers, looks at what they give, and trains both ways."""
    last = case.probes.flow.last
    passes = [
        p
        for p in own_leaves(case)
        if type(p.layer).__name__ in (*WEIGHTED, "Activation")
        and activation_of(p.layer) in BENT
        and p.layer is not last
    ]
    if not passes or not settings.fresh(case) or last is None:
        return
    ends = [_at_ends(p) for p in passes]
    if len(passes) < DEEP and max(ends) < AT_ENDS:
        return
    lab = case.probes.lab
    own = lab.run()
    if own.explained > 0.4 or own.fitted > 0.5:
        return
    layers = [p.layer for p in passes]
    best = _best(case, layers, own)
    if best is None and len(set(map(id, layers))) >= VERY_DEEP:
        # Weak steps may hide what the activations do: the same again under Adam.
        import keras

        own = lab.run(keras.optimizers.Adam(0.01), key="adam")
        best = _best(case, layers, own, adam=True)
    if best is None:
        return
    name, run = best
    if settings.unscaled_input(case) and len(set(map(id, layers))) < VERY_DEEP:
        try:
            if _better(lab.run(standardised=True), own):
                return
        except ProbeError:
            return
    first = layers[int(np.argmax(ends))] if max(ends) >= AT_ENDS else layers[0]
    kind = activation_of(first)
    yield Finding(
        NAME,
        "warning",
        case.place_of(first),
        f"the {len(layers)} hidden {kind} layers let hardly any gradient through; with {name.upper()} the"
        " same net learns"
        if len(layers) > 1
        else f"the hidden {kind} layer lies at its ends; with {name.upper()} the same net learns",
        {
            "hidden layers that saturate": len(layers),
            "share of values at the ends": round(float(max(ends)), 3),
            "updates tried": own.steps,
            "loss of a constant answer": round(own.guess, 4),
            "loss as it is, on rows kept apart": round(own.end, 4),
            f"loss with {name}": round(run.end, 4),
        },
        EXPLAINS,
        _edit(case, layers, name),
        cost=min(1.0, settings.percent(run.explained - max(0.0, own.explained))),
    )


def _at_ends(done: Pass) -> float:
    """The share of values in the outer twentieths of the range."""
    if done.output is None:
        return 0.0
    values = done.output
    if "sigmoid" not in (activation_of(done.layer) or ""):
        values = (values + 1) / 2
    return float(((values < 0.05) | (values > 0.95)).mean())


def _better(run: Run, own: Run) -> bool:
    return run.finite and run.explained >= 0.4 and run.explained - max(own.explained, -0.5) >= 0.35


def _best(case: Case, layers: list[Any], own: Run, adam: bool = False) -> tuple[str, Run] | None:
    """The activation that makes the net learn, with its run, under the user's optimizer or under Adam."""
    import keras

    lab = case.probes.lab
    for name in ("elu", "relu") if adam else ("relu", "elu"):
        function = getattr(keras.activations, name)
        run = lab.run(
            keras.optimizers.Adam(0.01) if adam else None,
            change=lambda f=function: swapped(layers, "activation", f),
            key=f"{name} for all" + (", adam" if adam else ""),
            retrace=True,
        )
        if _better(run, own):
            return name, run
    return None


def _edit(case: Case, layers: list[Any], name: str) -> Edit | None:
    steps = []
    for layer in dict.fromkeys(layers):
        place = case.place_of(layer)
        if place is None or case.code(place) == "":
            return None
        position = {"Dense": 1, "Activation": 0}.get(type(layer).__name__)
        step = edits.set_argument(place, "activation", f'"{name}"', position)
        if step not in steps:
            steps.append(step)
    return Edit(f"Use {name} in the hidden layers", tuple(steps))
