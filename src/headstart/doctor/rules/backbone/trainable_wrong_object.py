"""The line that freezes the base reached another object, so the base trains all the same.

What it is
    The flags were set on a second copy of the net, or on the list of layers, or the outer model was freed
    again after its base had been frozen. On TensorFlow `base.trainable = True` does nothing where the flag of
    the base itself is still True, although each of its layers was frozen by a loop.

Why it hurts
    The pretrained base is trained from the first step, while its head is still random. What it knows is
    washed out, and each step costs several times as much.

Wrong
    base = VGG16(include_top=False)
    model = keras.Sequential([VGG16(include_top=False, pooling="avg"), layers.Dense(1)])
    base.trainable = False

Right
    base = VGG16(include_top=False, pooling="avg")
    base.trainable = False
    model = keras.Sequential([base, layers.Dense(1)])

How it was measured
    The weights of the live base that this fit would train, and the objects whose flag the script has set:
    the frozen one is a net of the same kind that is no part of this model and is used nowhere; or a later
    line on what holds the base freed all of it.

When it is wrong
    Freeing some layers on purpose, a teacher beside a student, and a second phase are healthy: the frozen
    object must never have been called or asked, and the model must not have been trained before.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from headstart.doctor.capture.trace import Event
from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.views.freezing import (
    fits_before,
    learners,
    own_weights,
    receiver_of_flag,
    setters,
    size,
    steps_itself,
)
from headstart.doctor.views.model import Backbone, every_layer

NAME = "trainable-wrong-object"
GROUP = "backbone"
WHEN = "always"
FIXES = True

EXPLAINS = ("backbone-unfrozen-high-rate", "bn-batch-stats-finetune", "finetune-before-head")


def check(case: Case) -> Iterable[Finding]:
    """Follows the flags from the lines to the live weights."""
    if case.stage == "end":
        yield from _on_a_list(case)
        return
    if case.model is None or case.fit is None or steps_itself(case.model):
        return
    yield from _unreached(case)
    if fits_before(case):
        return
    flags = [e for e in case.trace.of_kind("trainable") if e.order < case.fit.order]
    for backbone in case.backbones:
        layers = [layer for layer in every_layer(backbone.model) if own_weights(layer)]
        if not layers or not all(v.trainable for layer in layers for v in own_weights(layer)):
            continue
        if backbone.weights is None:
            continue
        found = _copy(case, backbone, flags) or _freed_again(case, backbone, layers)
        if found is not None:
            yield found


def _evidence(backbone: Backbone) -> dict[str, Any]:
    return {
        f"weights of {backbone.name} that this fit trains": size(backbone.model.trainable_variables),
        "of": size(v for layer in every_layer(backbone.model) for v in own_weights(layer)),
    }


def _copy(case: Case, backbone: Backbone, flags: list[Event]) -> Finding | None:
    mine = {id(layer) for layer in (case.model, *case.layers, backbone.model, *every_layer(backbone.model))}
    for event in flags:
        if event.arguments.get("value") or id(event.subject) in mine:
            continue
        net = _net_of(case, event.subject)
        if net is None or net is backbone.model or _used(case, net):
            continue
        if _shape(net) != _shape(backbone.model):
            continue
        return Finding(
            NAME,
            "error",
            event.place,
            f"the net that is frozen here is no part of the model: its {backbone.name} is another one, and"
            " all of it is trained",
            {**_evidence(backbone), "built at line": backbone.place.line if backbone.place else None},
            EXPLAINS,
            cost=0.2,
        )
    return None


def _net_of(case: Case, subject: Any) -> Any:
    """The whole net that an object is, or is a layer of; None where it is none that the script made."""
    made = [e.result for e in case.trace.of_kind("application") if e.result is not None]
    made += [e.result for e in case.trace.of_kind("layer") if _is_model(e.result)]
    made += [e.result for e in case.trace.of_kind("inner-layer") if _is_model(e.result)]
    for net in made:
        if net is subject or any(layer is subject for layer in net.layers):
            return net
    return None


def _is_model(layer: Any) -> bool:
    return hasattr(layer, "compile") and hasattr(layer, "layers")


def _shape(net: Any) -> list[tuple[int, ...]]:
    return [tuple(w.shape) for w in net.weights]


def _used(case: Case, net: Any) -> bool:
    """Whether the script called a net, or a layer of it, or asked it for anything."""
    own = {id(net)} | {id(layer) for layer in every_layer(net)}
    for kind in ("call", "fit", "predict", "evaluate", "train-on-batch", "predict-on-batch", "compile"):
        for event in case.trace.of_kind(kind):
            subject = event.subject
            if id(subject) in own:
                return True
            # Built into another model, which may be a teacher.
            if kind in ("predict", "call", "fit") and own & {id(x) for x in every_layer(subject)}:
                return True
    return False


def _freed_again(case: Case, backbone: Backbone, layers: list[Any]) -> Finding | None:
    events = setters(case, layers[0])
    frozen = [e for e in events if not e.arguments.get("value")]
    own = {id(backbone.model)} | {id(layer) for layer in every_layer(backbone.model)}
    if not frozen or not events[-1].arguments.get("value"):
        return None
    last, first = events[-1], frozen[-1]
    if last.place is None or first.order > last.order or first.place == last.place:
        return None
    # A loop over the outer model's layers reaches the base as one of them.
    along = [e.subject for e in case.trace.of_kind("trainable") if e.place == last.place]
    if all(id(one) in own for one in along):
        return None
    return Finding(
        NAME,
        "error",
        last.place,
        f"this reaches all of the model and frees {backbone.name}, which was frozen before",
        {**_evidence(backbone), "frozen at line": first.place.line if first.place else None},
        EXPLAINS,
        cost=0.2,
    )


def _unreached(case: Case) -> Iterable[Finding]:
    """A flag that was set on a net and is not what the layers below it have."""
    again = bool(fits_before(case))
    missed: dict[int, tuple[Event, list[Any]]] = {}
    for layer in learners(case):
        events = [e for e in setters(case, layer) if e.order < case.fit.order] if case.fit else []
        if events and events[-1].arguments["value"] and not layer.trainable:
            # At the start, freeing the model round a frozen base may be meant for the head alone.
            if events[-1].subject is case.model and not again:
                continue
            missed.setdefault(events[-1].order, (events[-1], []))[1].append(layer)
    for event, layers in missed.values():
        if event.place is None:
            continue
        target = receiver_of_flag(case, event.place)
        edit = None
        if target is not None:
            step = edits.insert_statement(event.place, f"{target}.trainable = False", "before")
            edit = Edit("Set the flag anew, so that it is handed down", (step,), safe=True)
        yield Finding(
            NAME,
            "error",
            event.place,
            f"this reached none of the {len(layers)} layers below that are frozen one by one: the flag was"
            " True here already, and TensorFlow drops an assignment that changes nothing",
            {
                "layers still frozen": len(layers),
                "weights in them": size(v for x in layers for v in own_weights(x)),
            },
            EXPLAINS,
            edit,
            cost=0.2,
        )


def _on_a_list(case: Case) -> Iterable[Finding]:
    """`base.layers.trainable = False` stops with an error that does not say what was meant."""
    error, crash = case.error, case.crash
    if not isinstance(error, AttributeError) or crash is None or crash.place is None:
        return
    if "'list' object" not in str(error) or "'trainable'" not in str(error):
        return
    yield Finding(
        NAME,
        "error",
        crash.place,
        "the flag is set on the list of layers, which has none: it belongs to the net or to each layer",
        {"raised": f"{type(error).__name__}: {error}"},
        cost=1.0,
    )
