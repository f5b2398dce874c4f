"""Edits on how a model is compiled: compile again before a fit, another rate."""

from __future__ import annotations

import ast

from headstart.doctor.case import Case
from headstart.doctor.records import Operation
from headstart.doctor.repair import edits
from headstart.doctor.views.freezing import parsed, receiver, same_scope

FINE = "1e-05"
"""The rate at which trained weights are usually tuned further."""


def compile_again(case: Case, rate: str | None = None) -> tuple[Operation, ...] | None:
    """Steps that put the script's own `compile` before this fit once more.

    Args:
        rate: Learning rate of a new Adam to compile with; the script's own optimizer if None, which only
            works while that optimizer has not trained yet.

    Returns:
        The steps, or None where the call cannot be repeated there.
    """
    fit = case.fit.place if case.fit is not None else None
    place = case.compile.place if case.compile is not None else None
    if fit is None or place is None or not same_scope(case, fit, place):
        return None
    call = parsed(case, place)
    name = receiver(case, place)
    if not isinstance(call, ast.Call) or name is None or name != receiver(case, fit):
        return None
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "compile":
        return None
    keras = edits.keras_name(case, fit)
    if rate is None:
        return (edits.insert_statement(fit, case.code(place), "before"),)
    fresh = ast.parse(f"{keras.code}.optimizers.Adam({rate})", mode="eval").body
    rest = [k for k in call.keywords if k.arg != "optimizer"]
    again = ast.Call(call.func, [fresh, *call.args[1:]], rest)
    if not call.args:
        again = ast.Call(call.func, [], [ast.keyword("optimizer", fresh), *rest])
    code = ast.unparse(ast.fix_missing_locations(again))
    return (*keras.operations, edits.insert_statement(fit, code, "before"))


def with_rate(case: Case, rate: str = FINE) -> tuple[Operation, ...] | None:
    """Steps that give the model's optimizer another rate, at the line that made it or in its `compile`."""
    made = case.trace.event_of(case.optimizer)
    if made is not None and made.kind == "optimizer" and made.place is not None:
        return (edits.set_argument(made.place, "learning_rate", rate, 0),)
    event = case.compile
    if event is None or event.place is None:
        return None
    given = event.arguments.get("optimizer")
    call = parsed(case, event.place)
    if not isinstance(call, ast.Call) or not (isinstance(given, str) or "optimizer" not in event.given):
        return None
    keras = edits.keras_name(case, event.place)
    kind = type(case.optimizer).__name__
    code = f"{keras.code}.optimizers.{kind}(learning_rate={rate})"
    return (*keras.operations, edits.set_argument(event.place, "optimizer", code, 0))
