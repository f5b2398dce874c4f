"""One optimizer object is used for two models, or again after more weights were freed.

What it is
    An optimizer builds its state, momentum and the like, for the weights that it first trains. In Keras 3 it
    serves these and no others.

Why it hurts
    The second training raises a ValueError about an unknown variable. On JAX, where shapes happen to agree,
    it goes on with the state of the other model.

Wrong
    optimizer = Adam(); first.compile(optimizer, ...); second.compile(optimizer, ...)

Right
    first.compile(Adam(), ...); second.compile(Adam(), ...)

How it was measured
    The object in the live compile settings of both models is the same, their weights are not, and both are
    trained.

When it is wrong
    A second compile of the same model with the same weights may keep its optimizer; an optimizer given by
    name is made anew each time.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from headstart.doctor.case import Case
from headstart.doctor.probes import ProbeError
from headstart.doctor.records import Finding, Place
from headstart.doctor.rest.places import place_of
from headstart.doctor.rest.values import Rest

NAME = "optimizer-reused"
GROUP = "versions"
WHEN = "always"

TRAINING = ("fit", "train_on_batch", "fit_generator")


def check(case: Case) -> Iterable[Finding]:
    """Three ways to use one twice, and the exception that comes of it."""
    if case.stage == "fit":
        try:
            rest = case.probes.rest
        except ProbeError:
            rest = Rest(())
        yield from _two_models(case, rest)
        yield from _freed_later(case, rest)
        yield from _outside_loop(case)
    text = str(case.error) if isinstance(case.error, ValueError | KeyError) else ""
    if "can only be called for the variables it was originally built with" in text:
        compiles = case.trace.of_kind("compile")
        place = compiles[-1].place if compiles else None
        if place is not None:
            yield _finding(place, "this optimizer was built for other weights before", {"raised": text[:120]})


def _finding(place: Place, message: str, evidence: dict[str, Any]) -> Finding:
    return Finding(NAME, "error", place, message, evidence, cost=0.9)


def _two_models(case: Case, rest: Rest) -> Iterable[Finding]:
    import keras

    used: dict[int, Any] = {}
    trained = {id(e.subject) for e in case.trace.events if e.kind in ("fit", "train-on-batch")}
    trained |= {id(u.base.live) for u in rest.calls(*TRAINING) if u.base is not None and u.base.known}
    for event in case.trace.of_kind("compile"):
        optimizer = event.arguments.get("optimizer")
        if not isinstance(optimizer, keras.optimizers.Optimizer):
            continue
        before = used.setdefault(id(optimizer), event)
        if before.subject is event.subject or event.place is None:
            continue
        # As they are now: a model that is frozen whole when it trains never builds the optimizer.
        other, own = _weights(before.subject), _weights(event.subject)
        if {id(before.subject), id(event.subject)} <= trained and other and not own <= other:
            yield _finding(
                event.place,
                "this optimizer object is that of another model already; each needs its own",
                {
                    "weights of the other model": len(other),
                    "weights of this one": len(own),
                    "shared": len(other & own),
                },
            )


def _weights(model: Any) -> set[int]:
    return {id(variable) for variable in model.trainable_variables}


def _freed_later(case: Case, rest: Rest) -> Iterable[Finding]:
    frozen = [w for layer in case.layers for w in layer._trainable_variables if not layer.trainable]
    if case.optimizer is None or not frozen:
        return
    freed: int | None = None
    for use in rest.uses:
        if use.kind == "set" and use.name == "trainable" and use.args[0].known and use.args[0].live is True:
            freed = use.order
        if freed is None or use.kind != "call" or use.name != "compile" or use.base is None:
            continue
        given = use.argument(0, "optimizer")
        if use.base.live is not case.model or given is None or given.live is not case.optimizer:
            continue
        again = [u for u in rest.calls("fit") if u.base is not None and u.base.live is case.model]
        if any(u.order > use.order for u in again):
            yield _finding(
                place_of(case, use.unit, use.node),
                "the optimizer was built before these weights were freed, and does not know them",
                {"weights that were frozen": len(frozen)},
            )
            return


def _outside_loop(case: Case) -> Iterable[Finding]:
    """A model made anew in each turn of a loop, with an optimizer made before it."""
    event = case.compile
    optimizer = case.trace.event_of(case.optimizer)
    model = case.trace.event_of(case.model)
    if event is None or optimizer is None or model is None or case.fit is None or event.place is None:
        return
    if event.arguments.get("optimizer") is not case.optimizer:
        return
    for unit in case.units:
        for node in ast.walk(unit.tree() or ast.Module([], [])):
            if not isinstance(node, ast.For) or _once(node):
                continue

            def inside(places: tuple[Place, ...], loop: ast.For = node, cell: int | None = unit.cell) -> bool:
                last = loop.end_lineno or loop.lineno
                return any(
                    p.file == case.script and p.cell == cell and loop.body[0].lineno <= p.line <= last
                    for p in places
                )

            if all(inside(e.places) for e in (event, model, case.fit)) and not inside(optimizer.places):
                yield _finding(
                    event.place,
                    "each turn of the loop makes a new model but keeps the one optimizer object",
                    {
                        "the loop is at line": node.lineno,
                        "the optimizer was made at line": _line(optimizer.place),
                    },
                )
                return


def _line(place: Place | None) -> int | None:
    return place.line if place is not None else None


def _once(node: ast.For) -> bool:
    """Whether the loop has one turn, or ends in the first."""
    if isinstance(node.body[-1], ast.Break):
        return True
    over = node.iter
    return (isinstance(over, ast.List | ast.Tuple) and len(over.elts) < 2) or (
        isinstance(over, ast.Call)
        and len(over.args) == 1
        and isinstance(over.args[0], ast.Constant)
        and over.args[0].value == 1
    )
