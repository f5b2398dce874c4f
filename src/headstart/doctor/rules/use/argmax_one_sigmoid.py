"""Predictions with a single column are turned into classes by argmax: every answer is class 0.

What it is
    A model that ends in one unit gives one number a row. The largest of one number is always the first, so
    argmax gives 0 for every row.

Why it hurts
    All answers are class 0, whatever the model learned. The accuracy that is computed from them is the share
    of class 0.

Wrong
    classes = np.argmax(model.predict(x_test), axis=1)

Right
    classes = (model.predict(x_test)[:, 0] > 0.5).astype("int32")

How it was measured
    The live model gives one column for a batch. The statements after the fit are followed with the live
    objects: what reaches argmax is the untouched result of that model's predict, over its last axis.

When it is wrong
    With two columns argmax is right; over the rows (axis=0) it finds the row of the highest score. The rule
    looks at the model's output and at the axis.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import numpy as np

from headstart.doctor.case import Case
from headstart.doctor.records import Edit, Finding
from headstart.doctor.repair import edits
from headstart.doctor.rest.places import place_of, text_of
from headstart.doctor.rest.values import Tag, Use, Val
from headstart.doctor.views.model import activation_of, last_layer

NAME = "argmax-one-sigmoid"
GROUP = "use"
FIXES = True


def check(case: Case) -> Iterable[Finding]:
    """Looks for argmax over the only column of a live model's predictions."""
    for use in case.probes.rest.calls("argmax"):
        if not isinstance(use.node, ast.Call):
            continue
        method = use.base is not None and use.base.exact is not None
        value = use.base if method else use.argument(0, "a")
        if value is None or value.exact is None:
            continue
        shape = output_shape(case, value.exact.thing)
        axis = use.argument(0 if method else 1, "axis")
        if shape is None or shape[-1] != 1 or not _over_the_column(value, axis, len(shape)):
            continue
        place = place_of(case, use.unit, use.node)
        evidence: dict[str, Any] = {"columns of the predictions": 1, "answers": "0 for every row"}
        ids = case.labels
        if ids is not None and value.exact.thing is case.model and set(np.unique(ids)) <= {0, 1}:
            evidence["share of class 0 in the labels"] = round(float((ids == 0).mean()), 3)
        yield Finding(
            NAME,
            "error",
            place,
            "argmax is taken over a single column, so every answer is class 0",
            evidence,
            edit=_edit(case, use, value, method),
            cost=0.5,
        )


def output_shape(case: Case, model: Any) -> tuple[int | None, ...] | None:
    """The shape of a model's one output, from a batch or from its graph; None where it cannot be told."""
    if model is case.model:
        output = case.probes.flow.output
        return output.shape if isinstance(output, np.ndarray) and output.ndim > 1 else None
    shape = getattr(model, "output_shape", None)
    if isinstance(shape, tuple) and len(shape) > 1 and all(n is None or isinstance(n, int) for n in shape):
        return shape
    return None


def _over_the_column(value: Val, axis: Val | None, rank: int) -> bool:
    if axis is not None and not axis.known:
        return False
    number = axis.live if axis is not None else None
    if value.row:
        return number in (-1, rank - 2) or (number is None and rank == 2)
    if number is None:
        return rank == 2 and value.exact is not None and one_row(value.exact)
    return number in (-1, rank - 1)


def one_row(tag: Tag) -> bool:
    """Whether what was predicted on is written as one row: `np.expand_dims(...)`, `x[None]`, `x[0:1]`."""
    node = tag.node
    given = node.args[0] if isinstance(node, ast.Call) and node.args else None
    if isinstance(given, ast.Call):
        called = given.func.attr if isinstance(given.func, ast.Attribute) else getattr(given.func, "id", "")
        first = given.args[0] if given.args else None
        if isinstance(first, ast.Tuple) and first.elts:
            first = first.elts[0]
        return called == "expand_dims" or (
            called == "reshape" and isinstance(first, ast.Constant) and first.value == 1
        )
    if isinstance(given, ast.Subscript):
        index = given.slice.elts[0] if isinstance(given.slice, ast.Tuple) else given.slice
        if isinstance(index, ast.Slice):
            first = getattr(index.lower, "value", None)
            return isinstance(index.upper, ast.Constant) and index.upper.value == 1 and first in (None, 0)
        return (isinstance(index, ast.Constant) and index.value is None) or (
            isinstance(index, ast.Attribute) and index.attr == "newaxis"
        )
    return False


def _edit(case: Case, use: Use, value: Val, method: bool) -> Edit | None:
    node = use.node
    tag = value.exact
    if not isinstance(node, ast.Call) or tag is None or tag.thing is not case.model:
        return None
    given = node.func.value if method and isinstance(node.func, ast.Attribute) else None
    if given is None:
        given = node.args[0] if node.args else None
    if given is None or len(case.probes.flow.output.shape) != 2:
        return None
    layer = case.probes.flow.last or last_layer(case.model)
    activation = activation_of(layer) if layer is not None else None
    loss = case.loss
    if activation in ("sigmoid", "softmax"):
        cut = "0.5"
    elif activation == "linear" and loss is not None and loss.crossentropy and loss.from_logits:
        cut = "0"
    else:
        return None
    text = text_of(use.unit, given)
    if not isinstance(given, ast.Name | ast.Call | ast.Subscript | ast.Attribute):
        text = f"({text})"
    if value.row:
        code = f"int({text}[0] > {cut})"
    elif use.argument(0 if method else 1, "axis") is None:
        code = f"int({text}[0, 0] > {cut})"
    else:
        code = f'({text}[:, 0] > {cut}).astype("int32")'
    place = place_of(case, use.unit, node)
    return Edit(f"Answer class 1 above {cut}", (edits.replace(place, code),), safe=True)
