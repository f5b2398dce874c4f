"""Hidden layers without an activation: the stack is one linear map, whatever its depth.

What it is
    `Dense(64)` and `Conv2D(32, 3)` have no activation of their own accord. Two such layers in a row are the
    product of two matrices, which is one matrix.

Why it hurts
    Depth and width cost time and bring nothing: the net can draw straight lines only, and stays at what
    logistic or linear regression reaches.

Wrong
    model.add(Dense(64))
    model.add(Dense(10, activation="softmax"))

Right
    model.add(Dense(64, activation="relu"))
    model.add(Dense(10, activation="softmax"))

How it was measured
    A batch is sent through the live model: what a weighted layer gives enters the next one unchanged, or
    through layers that are linear (flatten, dropout, average pooling). The first is no narrower than both
    ends, so it cannot even be meant as a factorisation. Where other layers of the model bend the numbers,
    the model is trained on copies with and without the activation, and the gain must show on rows kept
    apart.

When it is wrong
    An activation as its own layer, in a function, or after normalisation makes the numbers differ, and the
    rule is silent; so it is for bottlenecks, autoencoders and output layers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.probes.meanwhile import swapped
from headstart.doctor.probes.runs import Run
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rules.optimisation._chain import SEEN_THROUGH, WEIGHTED, Link, links, own_leaves
from headstart.doctor.views.model import activation_of

NAME = "hidden-activation-missing"
GROUP = "optimisation"
FIXES = True

EXPLAINS = ("capacity-too-small",)


def check(case: Case) -> Iterable[Finding]:
    """Looks for weighted layers that hand their numbers straight on."""
    found = [link for link in links(case) if _needless(link)]
    if not found or _copies_input(case):
        return
    layers = [link.first.layer for link in found]
    linear = _all_linear(case, layers)
    # A trial costs time: one straight layer behind others that bend is rarely worth it.
    first = next((p.layer for p in own_leaves(case) if type(p.layer).__name__ in WEIGHTED), None)
    if not linear and len(found) < 2 and found[0].first.layer is not first:
        return
    own, bent = _tried(case, layers)
    gain = None if own is None or bent is None else bent.explained - max(own.explained, 0.0)
    if not linear and (gain is None or gain < 0.1 or bent is None or bent.explained < 0.3):
        return
    evidence: dict[str, Any] = {
        "layers without an activation": ", ".join(layer.name for layer in dict.fromkeys(layers)),
        "the whole net is one linear map": linear,
    }
    if own is not None and bent is not None and gain is not None:
        evidence["loss of a constant answer"] = round(own.guess, 4)
        evidence["loss as it is, on rows kept apart"] = round(own.end, 4)
        evidence["loss with ReLU there"] = round(bent.end, 4)
    place = case.place_of(layers[0])
    names = "hidden layer has" if len(set(map(id, layers))) == 1 else "hidden layers have"
    yield Finding(
        NAME,
        "warning",
        place,
        f"the {names} no activation, so "
        + ("the whole net is one linear map" if linear else "two layers act as one"),
        evidence,
        EXPLAINS,
        _edit(case, layers, linear),
        cost=float(min(1.0, max(0.05, gain or 0.05))),
    )


def _needless(link: Link) -> bool:
    """Whether the first layer could be left out without a loss: it is no bottleneck."""
    first, second = link.first.layer, link.second.layer
    if activation_of(first) != "linear" or not first.trainable or not second.trainable:
        return False
    if type(first).__name__.endswith("Transpose") != type(second).__name__.endswith("Transpose"):
        return False
    if getattr(first, "activity_regularizer", None) is not None:
        return False
    kernel, following = getattr(first, "kernel", None), getattr(second, "kernel", None)
    if kernel is None or following is None:
        return False
    width = int(kernel.shape[-1])
    entering = int(np.prod(kernel.shape[:-1]))
    leaving = int(following.shape[-1])
    return width > 1 and width >= min(entering, leaving)


def _copies_input(case: Case) -> bool:
    """Whether the targets are the inputs: an autoencoder, whose layers may well be linear."""
    flow = case.probes.flow
    x, y = flow.x, flow.y
    return (
        isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and x.size == y.size and x.shape[1:] != (1,)
    )


def _all_linear(case: Case, layers: list[Any]) -> bool:
    """Whether nothing before the output bends the numbers."""
    last = case.probes.flow.last
    known = ("Dense", "Conv1D", "Conv2D", "Conv3D", "Activation", "Softmax")
    if case.backbones:
        return False
    import keras

    for done in case.probes.flow.passes:
        # Recurrent and attention layers hold others, and do not always call them.
        holds = list(done.layer._flatten_layers(include_self=False, recursive=False))
        if holds and not isinstance(done.layer, keras.Model):
            return False
    for done in own_leaves(case):
        kind = type(done.layer).__name__
        if kind in SEEN_THROUGH or kind in ("Rescaling", "Normalization") or done.layer is last:
            continue
        if kind not in known or (done.layer not in layers and activation_of(done.layer) != "linear"):
            return False
    return True


def _tried(case: Case, layers: list[Any]) -> tuple[Run | None, Run | None]:
    """Adam at its usual rate, as the model is and with ReLU in the gaps."""
    import keras

    try:
        lab = case.probes.lab
        unique = list(dict.fromkeys(layers))
        own = lab.run(keras.optimizers.Adam(), key="adam")
        bent = lab.run(
            keras.optimizers.Adam(),
            change=lambda: swapped(unique, "activation", keras.activations.relu),
            key="relu in the gaps",
            retrace=True,
        )
    except ProbeError:
        return None, None
    return own, bent


def _edit(case: Case, layers: list[Any], linear: bool) -> Edit | None:
    steps = []
    for layer in dict.fromkeys(layers):
        place = case.place_of(layer)
        if place is None or case.code(place) == "":
            return None
        position = 1 if type(layer).__name__ == "Dense" else None
        step = edits.set_argument(place, "activation", '"relu"', position)
        if step not in steps:
            steps.append(step)
    return Edit("Give the hidden layers a ReLU", tuple(steps), safe=linear)
